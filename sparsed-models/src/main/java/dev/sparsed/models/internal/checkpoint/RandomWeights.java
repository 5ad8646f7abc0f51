package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.ModelConfig;
import java.util.List;

/**
 * Untrained weights of any architecture: real shapes without a download, for measuring speed and
 * memory and for tests.
 */
public final class RandomWeights {
  /** What the published models initialise their matrices with. */
  private static final double DEVIATION = 0.02;

  private RandomWeights() {}

  /**
   * Every tensor of the architecture in its {@link ModelConfig#weightType()}: norms are 1, the rest
   * normally distributed with deviation 0.02.
   *
   * @param config the architecture
   * @param seed of the random numbers; the same seed gives the same checkpoint on every machine
   * @return the tensors, their values produced as they are written
   */
  public static List<TensorSource> of(ModelConfig config, long seed) {
    return ModelLayout.of(config).tensors().stream()
        .filter(TensorSpec::required)
        .map(
            spec ->
                switch (spec.role()) {
                  case NORM ->
                      TensorSource.constant(
                          spec.name(), spec.shape(), TensorType.of(config.weightType()), 1);
                  case MATRIX, ROUTER, BIAS ->
                      TensorSource.normal(
                          spec.name(),
                          spec.shape(),
                          TensorType.of(config.weightType()),
                          DEVIATION,
                          seed);
                })
        .toList();
  }
}
