package dev.sparsed.models;

import java.io.Serial;

/**
 * A checkpoint that cannot be found, read, written or run; the message names the file, the tensor
 * or field, and the way out.
 */
public final class CheckpointException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Reports what is wrong.
   *
   * @param message what is wrong, where, and what to do about it
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * Reports what is wrong and what revealed it.
   *
   * @param message what is wrong, where, and what to do about it
   * @param cause the failure underneath
   */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
