package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.Architecture;
import java.util.Locale;

/**
 * An estimate of the memory that one generation takes, in bytes, from shapes alone but for a base
 * that was measured.
 *
 * @param base what the process takes whatever the model is ({@link #BASE})
 * @param weights every tensor of the model in the computing type
 * @param kept keys and values of all positions and layers, which models keep whose attention is
 *     causal over blocks; of others none, as they keep what a request's cache says
 * @param activations what one layer holds at a time: two copies of the hidden states, queries,
 *     keys, values and attention output of all positions, and of the rows that are computed
 *     together ({@link #rowsTogether}) two more, and the three matrices of the feed-forward part,
 *     or of an expert that all tokens choose with the sum of the experts in float32
 * @param pattern the block-sparse patterns of all layers, a bit per block, rows padded to 64 bits;
 *     of attention that is causal over blocks those of one block's queries
 * @param scores building one layer's pattern: one row of query blocks against all keys in float32,
 *     all heads at once
 * @param logits of the generated positions, in the computing type and in float32; of attention that
 *     is causal over blocks those of one block
 */
public record MemoryNeed(
    long base, long weights, long kept, long activations, long pattern, long scores, long logits) {

  /**
   * Java, LibTorch's libraries and this one's: at most so much was the resident memory of processes
   * that generated with models of a few megabytes (0.44 to 0.52 GiB, of which loading the libraries
   * takes a half for a moment). Java's heap may grow beyond it, and a card's driver takes its own.
   */
  public static final long BASE = 512L << 20;

  /**
   * Elements of the widest intermediate result of rows that are computed together. 32 Mi of them
   * are 64 MiB in bfloat16: a thousand rows and more at the width of a 7B model, enough to keep
   * matrix products efficient, and little beside the activations that must exist.
   */
  public static final long ELEMENTS_TOGETHER = 1L << 25;

  /**
   * Rows that go through products and the feed-forward part of a layer together.
   *
   * @param model the model
   * @param elements of the widest intermediate result, at least 1
   * @return at least 1
   */
  public static int rowsTogether(Architecture model, long elements) {
    int feedForward =
        model
            .experts()
            .map(experts -> Math.max(experts.feedForwardSize(), experts.sharedSize()))
            .map(size -> Math.max(size, model.feedForwardSize()))
            .orElse(model.feedForwardSize());
    int widest =
        Math.max(Math.max(feedForward, model.hiddenSize()), model.heads() * model.headDimension());
    return (int) Math.max(1, elements / widest);
  }

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
    long together = Math.min(tokens, rowsTogether(shape, ELEMENTS_TOGETHER));
    long feedForward = Math.max(3L * shape.feedForwardSize() * bytes, experts(shape, bytes));
    long words = (blocks(tokens, blockSize) + Long.SIZE - 1) / Long.SIZE;
    // Where attention is causal over blocks, one at a time chooses what it reads, and is decoded.
    int choosing = Math.min(tokens, shape.causalBlock().orElse(tokens));
    return new MemoryNeed(
        BASE,
        weights,
        shape.causalBlock().isPresent() ? 2L * shape.layers() * keyValues * tokens * bytes : 0,
        2L * tokens * (hidden + queries + keyValues) * bytes
            + together * (2 * hidden * bytes + feedForward),
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
    return new MemoryNeed(base, bytes, kept, activations, pattern, scores, logits);
  }

  /**
   * Everything together; an upper bound, as building a pattern and reading logits do not fall
   * together.
   *
   * @return bytes
   */
  public long total() {
    return base + weights + kept + activations + pattern + scores + logits;
  }
}
