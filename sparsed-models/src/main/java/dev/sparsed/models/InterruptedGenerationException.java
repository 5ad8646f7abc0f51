package dev.sparsed.models;

/** The thread of a generation was interrupted, which ends it early. */
final class InterruptedGenerationException extends RuntimeException {

  private static final long serialVersionUID = 1;

  InterruptedGenerationException() {
    super("interrupted", null, false, false);
  }
}
