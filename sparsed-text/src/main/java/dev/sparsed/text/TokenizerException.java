package dev.sparsed.text;

import org.jspecify.annotations.Nullable;

/** A checkpoint's tokenizer files are missing, malformed, contradictory or unsafe to load. */
public final class TokenizerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message names the file, what is wrong with it and what to do
   */
  public TokenizerException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message names the file, what is wrong with it and what to do
   * @param cause what was thrown underneath, or null
   */
  public TokenizerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
