package dev.sparsed.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes several things, all of them, also where closing one fails. */
public final class Closing {

  private Closing() {}

  /**
   * Closes everything.
   *
   * @param resources what to close, in order
   * @throws RuntimeException what the first one threw that failed, with the others' failures
   *     suppressed in it; an {@link Error} likewise
   */
  public static void all(List<? extends AutoCloseable> resources) {
    Throwable first = null;
    for (AutoCloseable resource : resources) {
      first = close(resource, first);
    }
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (first != null) {
      throw new IllegalStateException(first);
    }
  }

  /**
   * Closes everything because something has failed.
   *
   * @param failure what has failed; failures to close are suppressed in it
   * @param resources what to close, in order
   */
  public static void after(Throwable failure, List<? extends AutoCloseable> resources) {
    for (AutoCloseable resource : resources) {
      close(resource, failure);
    }
  }

  @SuppressWarnings("IllegalCatch") // The others are closed whatever happens.
  private static @Nullable Throwable close(AutoCloseable resource, @Nullable Throwable before) {
    try {
      resource.close();
      return before;
    } catch (Throwable e) {
      if (before == null) {
        return e;
      }
      if (before != e) {
        before.addSuppressed(e);
      }
      return before;
    }
  }
}
