package dev.sparsed.models.decoding;

/**
 * A model computed what is no number (not-a-number or infinite), so that no token can be chosen by
 * it. The message says where, and what may help.
 */
public final class NotNumbersException extends IllegalStateException {

  private static final long serialVersionUID = 1;

  /**
   * Says where it was found.
   *
   * @param what what is not numbers, such as "the logits of position 17"
   * @param sequence index of the sequence in its request
   * @param step the step, from 0
   */
  public NotNumbersException(String what, int sequence, int step) {
    super(
        what
            + " of sequence "
            + sequence
            + " are not numbers in step "
            + step
            + ": either the model's own, because its dtype cannot hold its values or its weights"
            + " are damaged, then bfloat16 or float32 instead of float16 may help; or what float32"
            + " cannot hold after division by a temperature too near 0 or multiplication by too"
            + " large a guidance");
  }
}
