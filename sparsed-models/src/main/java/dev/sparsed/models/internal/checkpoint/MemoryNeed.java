package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.Architecture;
import java.util.Locale;

/**
 * An estimate of the memory that one generation takes, in bytes, from shapes alone. What a device's
 * allocator and library keep for themselves comes on top.
 *
 * @param weights every tensor of the model in the computing type
 * @param kept keys and values of all positions and layers, which models keep whose attention is
 *     causal over blocks; of others none, as they keep what a request's cache says
 * @param activations what one layer holds at a time: two copies of the hidden states, and either
 *     queries, keys, values and attention output with queries and keys in float32 for the rotation,
 *     or the three matrices of the feed-forward part, or of an expert that all tokens choose with
 *     the sum of the experts in float32, whichever is more
 * @param pattern the block-sparse patterns of all layers, a bit per block, rows padded to 64 bits;
 *     of attention that is causal over blocks those of one block's queries
 * @param scores building one layer's pattern: one row of query blocks against all keys in float32,
 *     all heads at once
 * @param logits of the generated positions, in the computing type and in float32; of attention that
 *     is causal over blocks those of one block
 */
public record MemoryNeed(
    long weights, long kept, long activations, long pattern, long scores, long logits) {

  /**
   * Estimates.
   *
   * @param config the model
   * @param type the type that is computed in
   * @param tokens positions in all, prompt and generation
   * @param generated positions to generate, at most {@code tokens}
   * @param blockSize positions per block of the pattern
   * @return the estimate for a batch of one
   * @throws IllegalArgumentException if a number is not positive or more is generated than there
   *     are positions
   */
  public static MemoryNeed of(
      ModelConfig config, Precision type, int tokens, int generated, int blockSize) {
    if (tokens <= 0 || generated <= 0 || generated > tokens || blockSize <= 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tokens %d, generated %d and block size %d must be positive, and no more generated than there are tokens",
              tokens,
              generated,
              blockSize));
    }
    long bytes = type.bytes();
    long weights =
        ModelLayout.of(config).tensors().stream()
            .filter(TensorSpec::required)
            .mapToLong(spec -> spec.shape().elements() * bytes)
            .sum();
    Architecture shape = config.architecture();
    long hidden = shape.hiddenSize();
    long queries = (long) shape.heads() * shape.headDimension();
    long keyValues = (long) shape.kvHeads() * shape.headDimension();
    long attention = (2 * queries + 2 * keyValues) * bytes + (queries + keyValues) * Float.BYTES;
    long feedForward = Math.max(3L * shape.feedForwardSize() * bytes, experts(shape, bytes));
    long words = (blocks(tokens, blockSize) + Long.SIZE - 1) / Long.SIZE;
    // Where attention is causal over blocks, one at a time chooses what it reads, and is decoded.
    int choosing = Math.min(tokens, shape.causalBlock().orElse(tokens));
    return new MemoryNeed(
        weights,
        shape.causalBlock().isPresent() ? 2L * shape.layers() * keyValues * tokens * bytes : 0,
        tokens * (2 * hidden * bytes + Math.max(attention, feedForward)),
        shape.layers() * (long) shape.heads() * blocks(choosing, blockSize) * words * Long.BYTES,
        (long) shape.heads() * Math.min(blockSize, choosing) * tokens * Float.BYTES,
        (long) Math.min(generated, choosing) * shape.embeddingRows() * (bytes + Float.BYTES));
  }

  private static long blocks(int tokens, int blockSize) {
    return (tokens + (long) blockSize - 1) / blockSize;
  }

  private static long experts(Architecture shape, long bytes) {
    return shape
        .experts()
        .map(
            experts ->
                3L * Math.max(experts.feedForwardSize(), experts.sharedSize()) * bytes
                    + shape.hiddenSize() * (2 * bytes + 2L * Float.BYTES)
                    + experts.count() * 3L * Float.BYTES)
        .orElse(0L);
  }

  /**
   * The same with weights in fewer bits.
   *
   * @param bytes memory of the weights
   * @return the changed estimate
   */
  public MemoryNeed withWeights(long bytes) {
    return new MemoryNeed(bytes, kept, activations, pattern, scores, logits);
  }

  /**
   * Everything together; an upper bound, as building a pattern and reading logits do not fall
   * together.
   *
   * @return bytes
   */
  public long total() {
    return weights + kept + activations + pattern + scores + logits;
  }
}
