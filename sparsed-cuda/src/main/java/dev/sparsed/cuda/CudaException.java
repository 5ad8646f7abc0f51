package dev.sparsed.cuda;

/** A call of the CUDA driver or of the run-time compiler failed. */
public final class CudaException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param message what was attempted, on which shapes, and CUDA's name of the error
   */
  public CudaException(String message) {
    super(message);
  }

  /**
   * A failure with a cause outside of CUDA.
   *
   * @param message what was attempted
   * @param cause what went wrong
   */
  public CudaException(String message, Throwable cause) {
    super(message, cause);
  }
}
