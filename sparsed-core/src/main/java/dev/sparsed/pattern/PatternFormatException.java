package dev.sparsed.pattern;

import java.io.IOException;

/** A file that should hold patterns is damaged, cut short, or no pattern file at all. */
public final class PatternFormatException extends IOException {

  private static final long serialVersionUID = 1;

  /**
   * An exception that says what is wrong.
   *
   * @param message what is wrong, and where
   */
  public PatternFormatException(String message) {
    super(message);
  }

  PatternFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
