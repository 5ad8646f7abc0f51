package dev.sparsed.spark;

import dev.sparsed.eval.cluster.ClusterLibrary;
import dev.sparsed.eval.cluster.ClusterModel;
import dev.sparsed.eval.cluster.EvalCluster;

/** Evaluations over Spark, as {@link java.util.ServiceLoader} finds them. */
public final class SparkLibrary implements ClusterLibrary {

  /** Made by {@link java.util.ServiceLoader}. */
  public SparkLibrary() {}

  /**
   * Connects to a cluster, or takes the connection that the program has.
   *
   * @param master such as {@code spark://host:7077}, {@code yarn} or {@code local[2]}
   * @param model what executors load when they are first asked
   * @return the cluster, to be closed by the caller
   * @throws IllegalArgumentException if Spark cannot be reached there
   */
  @Override
  public EvalCluster connect(String master, ClusterModel model) {
    return SparkEvalCluster.connect(master, model);
  }
}
