package dev.sparsed.eval.cluster;

/** A library that spreads work over machines. Found by {@link java.util.ServiceLoader}. */
public interface ClusterLibrary {

  /**
   * Connects to a cluster.
   *
   * @param master its address as the library writes it, such as {@code spark://host:7077}
   * @param model what its machines load when they are first asked
   * @return the cluster, to be closed by the caller
   * @throws IllegalArgumentException if the address is none
   */
  EvalCluster connect(String master, ClusterModel model);
}
