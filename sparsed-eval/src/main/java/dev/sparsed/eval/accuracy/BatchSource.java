package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;
import java.io.IOException;

/** Something that answers many batches at once, such as a cluster. */
@FunctionalInterface
public interface BatchSource {

  /** Gets the answers. */
  @FunctionalInterface
  interface Receiver {

    /**
     * Called with the answers to each batch, in the batches' order, by one thread at a time.
     *
     * @param answers one text per prompt of the batch
     * @throws IOException if they cannot be recorded
     */
    void accept(ImmutableList<String> answers) throws IOException;
  }

  /**
   * Answers batches.
   *
   * @param batches what is asked
   * @param receiver gets the answers
   * @throws IOException if the receiver throws one
   */
  void answer(ImmutableList<AnswerBatch> batches, Receiver receiver) throws IOException;
}
