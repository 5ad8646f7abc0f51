package dev.sparsed.cuda;

/** A call of cuDNN failed. Becomes a refusal or a {@link CudaException} before it leaves here. */
final class CudnnException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private static final int FIRST_BAD_PARAMETER = 2000;
  private static final int FIRST_INTERNAL_ERROR = 4000;

  private final int status;

  /**
   * A failure.
   *
   * @param status cuDNN's number of the error
   * @param message what was attempted and cuDNN's words
   */
  CudnnException(int status, String message) {
    super(message);
    this.status = status;
  }

  /**
   * Whether the same call would fail again: cuDNN's groups of errors for arguments and for what is
   * not supported, not those of the library's or the device's state, such as memory that is short.
   */
  boolean isLasting() {
    return status >= FIRST_BAD_PARAMETER && status < FIRST_INTERNAL_ERROR;
  }
}
