package dev.sparsed.cli;

import java.io.Serial;

/** Options that do not fit each other or the model; ends the command with exit code 2. */
final class BadUseException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  BadUseException(String message) {
    super(message);
  }

  /** What the library says about a value is clear enough for the command line too. */
  BadUseException(RuntimeException cause) {
    super(cause.getMessage(), cause);
  }
}
