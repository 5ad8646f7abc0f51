package dev.sparsed.cli.console;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes a command's results, in UTF-8 whatever the locale. A {@link PrintWriter} passes over what
 * fails; this one keeps the first failure, so that who ends the program can say that results are
 * lost.
 */
public final class ResultWriter extends PrintWriter {

  private final Target target;

  private ResultWriter(Target target) {
    super(new OutputStreamWriter(new BufferedOutputStream(target), StandardCharsets.UTF_8), false);
    this.target = target;
  }

  /**
   * A writer of results.
   *
   * @param stream where they go
   * @return the writer
   */
  public static ResultWriter to(OutputStream stream) {
    return new ResultWriter(new Target(stream));
  }

  /**
   * Why not everything that was written until now has arrived.
   *
   * @return the first failure; empty if all has
   */
  public Optional<IOException> failure() {
    flush();
    return Optional.ofNullable(target.failure);
  }

  /** Remembers the first failure. */
  private static final class Target extends FilterOutputStream {

    private @Nullable IOException failure;

    Target(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw kept(e);
      }
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        throw kept(e);
      }
    }

    private IOException kept(IOException found) {
      if (failure == null) {
        failure = found;
      }
      return found;
    }
  }
}
