package dev.sparsed.models.decoding;

/** Decides what one forward pass is for. */
@FunctionalInterface
public interface DecidingPass {

  /**
   * Called after a forward pass, by the generating thread. An exception ends the generation.
   *
   * @param predictions what the model predicts at the positions that are read; not to be kept
   * @param editor writes tokens, or takes them back; at least one, or the passes would never end
   */
  void decide(Predictions predictions, SequenceEditor editor);
}
