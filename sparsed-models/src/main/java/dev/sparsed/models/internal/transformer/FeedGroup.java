package dev.sparsed.models.internal.transformer;

import com.google.common.base.Throwables;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of one caller in a forward pass that others may share: what fails one of them ends all
 * of them, and nothing else. Made by {@link Transformer#group}; used once.
 */
public final class FeedGroup {

  private final List<Feed> feeds;
  private final List<Fed> outputs = new ArrayList<>();
  private volatile @Nullable Throwable failure;

  FeedGroup(List<Feed> feeds) {
    this.feeds = List.copyOf(feeds);
  }

  List<Feed> feeds() {
    return feeds;
  }

  /**
   * How many tokens it feeds.
   *
   * @return the count over all feeds
   */
  public long tokens() {
    return feeds.stream().mapToLong(Feed::length).sum();
  }

  /**
   * Ends it. What has failed first is told.
   *
   * @param cause what it ended of
   */
  public synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /**
   * Whether it has ended before the pass.
   *
   * @return true if something has failed
   */
  public boolean isFailed() {
    return failure != null;
  }

  /** Gives it what the pass has given, feed by feed. Retained until somebody takes it. */
  void complete(List<Fed> results) {
    results.forEach(Fed::retain);
    outputs.addAll(results);
  }

  /**
   * Takes what the pass has given; called once, by the thread that has the feeds' sequences.
   *
   * @return one for each feed, in order, attached to the scope around this call
   * @throws RuntimeException what has failed
   */
  public List<Fed> take() {
    Throwable cause = failure;
    if (cause != null) {
      outputs.forEach(Fed::release);
      Throwables.throwIfUnchecked(cause);
      throw new IllegalStateException(cause);
    }
    outputs.forEach(Fed::adopt);
    return outputs;
  }
}
