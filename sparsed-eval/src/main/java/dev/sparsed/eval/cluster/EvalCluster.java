package dev.sparsed.eval.cluster;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.AnswerBatch;
import dev.sparsed.eval.model.EvalModel;
import java.io.IOException;
import java.util.ServiceLoader;

/** Machines that answer an evaluation's batches. */
public interface EvalCluster extends AutoCloseable {

  /** Gets the answers. */
  @FunctionalInterface
  interface Receiver {

    /**
     * Called with the answers to each batch, in the batches' order, by one thread at a time.
     *
     * @param answers one per prompt of the batch
     * @throws IOException if they cannot be recorded, which ends the work
     */
    void accept(EvalModel.Answers answers) throws IOException;
  }

  /**
   * Connects to a cluster by the library that is on the class path.
   *
   * @param master its address as that library writes it
   * @param model what its machines load when they are first asked
   * @return the cluster, to be closed by the caller
   * @throws IllegalArgumentException if there is no such library, or the address is none
   */
  static EvalCluster connect(String master, ClusterModel model) {
    return ServiceLoader.load(ClusterLibrary.class)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no library for clusters is on the class path; sparsed-spark and Spark are what"
                        + " it takes"))
        .connect(master, model);
  }

  /**
   * Answers batches.
   *
   * @param question how they are asked
   * @param batches what is asked
   * @param receiver gets the answers
   * @throws IOException if the receiver throws one
   */
  void answer(EvalModel.Question question, ImmutableList<AnswerBatch> batches, Receiver receiver)
      throws IOException;

  /** Lets the cluster go. */
  @Override
  void close();
}
