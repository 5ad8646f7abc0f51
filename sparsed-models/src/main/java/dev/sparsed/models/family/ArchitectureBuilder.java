package dev.sparsed.models.family;

import dev.sparsed.attention.ScoreScale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Collects an {@link Architecture}. Sizes without a default must be set.
 *
 * <p>Unless set: as many embedding rows as tokens, as many key/value heads as heads, heads that
 * divide the hidden size, no biases, no norms on queries and keys, an epsilon of 1e-6, a head of
 * its own, whole heads rotated with base 10,000, logits that are not shifted, scores scaled as
 * attention is.
 */
public final class ArchitectureBuilder {

  private int vocabularySize;
  private int embeddingRows;
  private int maxPositions;
  private int layers;
  private int hiddenSize;
  private int feedForwardSize;
  private Optional<Experts> experts = Optional.empty();
  private int heads;
  private int kvHeads;
  private int headDimension;
  private Set<ModelPart> biased = Set.of();
  private boolean queryKeyNorms;
  private double normEpsilon = 1e-6;
  private boolean tiedHead;
  private Rotary rotary = Rotary.of(10_000);
  private OptionalInt causalBlock = OptionalInt.empty();
  private int logitShift;
  private ScoreScale scoreScale = ScoreScale.HEAD_DIMENSION;

  ArchitectureBuilder() {}

  ArchitectureBuilder(Architecture from) {
    this.vocabularySize = from.vocabularySize();
    this.embeddingRows = from.embeddingRows();
    this.maxPositions = from.maxPositions();
    this.layers = from.layers();
    this.hiddenSize = from.hiddenSize();
    this.feedForwardSize = from.feedForwardSize();
    this.experts = from.experts();
    this.heads = from.heads();
    this.kvHeads = from.kvHeads();
    this.headDimension = from.headDimension();
    this.biased = from.biased();
    this.queryKeyNorms = from.queryKeyNorms();
    this.normEpsilon = from.normEpsilon();
    this.tiedHead = from.tiedHead();
    this.rotary = from.rotary();
    this.causalBlock = from.causalBlock();
    this.logitShift = from.logitShift();
    this.scoreScale = from.scoreScale();
  }

  /**
   * Sets the number of tokens, which are also the embedding's rows.
   *
   * @param tokens token ids that the model knows
   * @return this builder
   */
  public ArchitectureBuilder vocabulary(int tokens) {
    return vocabulary(tokens, tokens);
  }

  /**
   * Sets the number of tokens where the embedding is padded.
   *
   * @param tokens token ids that the model knows
   * @param rows rows of the embedding and of the head
   * @return this builder
   */
  public ArchitectureBuilder vocabulary(int tokens, int rows) {
    this.vocabularySize = tokens;
    this.embeddingRows = rows;
    return this;
  }

  /**
   * Sets how long the sequences were that the model was trained with.
   *
   * @param positions the longest
   * @return this builder
   */
  public ArchitectureBuilder maxPositions(int positions) {
    this.maxPositions = positions;
    return this;
  }

  /**
   * Sets the number of layers.
   *
   * @param count at least 1
   * @return this builder
   */
  public ArchitectureBuilder layers(int count) {
    this.layers = count;
    return this;
  }

  /**
   * Sets the widths.
   *
   * @param hidden of the hidden states
   * @param feedForward inner width of the feed-forward part
   * @return this builder
   */
  public ArchitectureBuilder widths(int hidden, int feedForward) {
    this.hiddenSize = hidden;
    this.feedForwardSize = feedForward;
    return this;
  }

  /**
   * Lets layers have experts; unless set, every layer has one feed-forward part.
   *
   * @param parts the experts, and which layers have them
   * @return this builder
   */
  public ArchitectureBuilder experts(Experts parts) {
    this.experts = Optional.of(parts);
    return this;
  }

  /**
   * Sets the heads, which divide the hidden size.
   *
   * @param query number of query heads
   * @param keyValue number of key and value heads
   * @return this builder
   */
  public ArchitectureBuilder heads(int query, int keyValue) {
    return heads(query, keyValue, 0);
  }

  /**
   * Sets the heads and their width.
   *
   * @param query number of query heads
   * @param keyValue number of key and value heads
   * @param dimension width of one head
   * @return this builder
   */
  public ArchitectureBuilder heads(int query, int keyValue, int dimension) {
    this.heads = query;
    this.kvHeads = keyValue;
    this.headDimension = dimension;
    return this;
  }

  /**
   * Sets which projections have a bias.
   *
   * @param parts projections of the attention or the feed-forward part
   * @return this builder
   */
  public ArchitectureBuilder biased(ModelPart... parts) {
    this.biased = Set.of(parts);
    return this;
  }

  /**
   * Sets whether query and key heads are normed before they are rotated.
   *
   * @param normed true if they are
   * @return this builder
   */
  public ArchitectureBuilder queryKeyNorms(boolean normed) {
    this.queryKeyNorms = normed;
    return this;
  }

  /**
   * Sets what norms add to the mean square.
   *
   * @param epsilon at least 0
   * @return this builder
   */
  public ArchitectureBuilder normEpsilon(double epsilon) {
    this.normEpsilon = epsilon;
    return this;
  }

  /**
   * Sets whether the head is the embedding.
   *
   * @param tied true if it is
   * @return this builder
   */
  public ArchitectureBuilder tiedHead(boolean tied) {
    this.tiedHead = tied;
    return this;
  }

  /**
   * Sets how positions enter.
   *
   * @param rotation the rotation of queries and keys
   * @return this builder
   */
  public ArchitectureBuilder rotary(Rotary rotation) {
    this.rotary = rotation;
    return this;
  }

  /**
   * Lets attention be causal over blocks; unless set, every query reads every key.
   *
   * @param tokens tokens per block, counted from the sequence's start
   * @return this builder
   */
  public ArchitectureBuilder causalBlock(int tokens) {
    this.causalBlock = OptionalInt.of(tokens);
    return this;
  }

  /**
   * Sets which row predicts a token.
   *
   * @param rows how many rows before the token's own, 0 or 1
   * @return this builder
   */
  public ArchitectureBuilder logitShift(int rows) {
    this.logitShift = rows;
    return this;
  }

  /**
   * Sets what the published sparse code scores blocks with.
   *
   * @param scale the factor
   * @return this builder
   */
  public ArchitectureBuilder scoreScale(ScoreScale scale) {
    this.scoreScale = scale;
    return this;
  }

  /**
   * Builds the architecture.
   *
   * @return the architecture
   * @throws IllegalArgumentException if a size is missing or sizes do not go together
   */
  public Architecture build() {
    return new Architecture(
        vocabularySize,
        embeddingRows,
        maxPositions,
        layers,
        hiddenSize,
        feedForwardSize,
        experts,
        heads,
        kvHeads,
        headDimension > 0 ? headDimension : dividedHeads(),
        biased,
        queryKeyNorms,
        normEpsilon,
        tiedHead,
        rotary,
        causalBlock,
        logitShift,
        scoreScale);
  }

  private int dividedHeads() {
    if (heads < 1 || hiddenSize % heads != 0) {
      throw new IllegalArgumentException(
          "hidden size " + hiddenSize + " is no multiple of " + heads + " heads");
    }
    return hiddenSize / heads;
  }
}
