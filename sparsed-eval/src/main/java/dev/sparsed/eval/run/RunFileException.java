package dev.sparsed.eval.run;

import java.nio.file.Path;

/** A run file that cannot be used, or whose variables are not given. */
public final class RunFileException extends Exception {

  RunFileException(Path file, String message) {
    super(file + " " + message);
  }

  RunFileException(Path file, String message, Throwable cause) {
    super(file + " " + message, cause);
  }
}
