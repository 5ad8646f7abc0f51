package dev.sparsed.models.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import dev.sparsed.attention.ScoreScale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the engine computes for a model, whatever its family: a stack of layers with grouped-query
 * attention over rotated heads, RMSNorm, and a feed-forward part that is gated by SiLU. Made by
 * {@link #builder()}; later versions may add components.
 *
 * @param vocabularySize number of token ids
 * @param embeddingRows rows of the embedding and of the head, at least {@code vocabularySize}
 * @param maxPositions positions that the model was trained for
 * @param layers number of layers
 * @param hiddenSize width of the hidden states
 * @param feedForwardSize inner width of the feed-forward part
 * @param experts what layers have instead of one feed-forward part; empty if all have one
 * @param heads number of query heads, a multiple of {@code kvHeads}
 * @param kvHeads number of key and value heads
 * @param headDimension width of one head, even
 * @param biased the projections that have a bias
 * @param queryKeyNorms whether each query and key head is normed before its rotation
 * @param normEpsilon what RMSNorm adds to the mean square
 * @param tiedHead whether the head is the embedding matrix and has no tensor of its own
 * @param rotary how positions enter
 * @param causalBlock tokens per block of attention that is causal over blocks, counted from the
 *     sequence's start: a query reads its own block and all before it; empty if it reads everything
 * @param logitShift how many rows before a position its token is predicted: 0, or 1 for models made
 *     of autoregressive ones
 * @param scoreScale what the published sparse code scores blocks with
 */
public record Architecture(
    int vocabularySize,
    int embeddingRows,
    int maxPositions,
    int layers,
    int hiddenSize,
    int feedForwardSize,
    Optional<Experts> experts,
    int heads,
    int kvHeads,
    int headDimension,
    Set<ModelPart> biased,
    boolean queryKeyNorms,
    double normEpsilon,
    boolean tiedHead,
    Rotary rotary,
    OptionalInt causalBlock,
    int logitShift,
    ScoreScale scoreScale) {

  /** Parts that may have a bias. */
  private static final ImmutableSet<ModelPart> PROJECTIONS =
      Sets.immutableEnumSet(
          ModelPart.QUERY,
          ModelPart.KEY,
          ModelPart.VALUE,
          ModelPart.OUTPUT,
          ModelPart.GATE,
          ModelPart.UP,
          ModelPart.DOWN);

  /** Experts of all layers: more would be an error or an attack, each having names and weights. */
  private static final int MOST_EXPERTS = 1 << 16;

  /**
   * Checks that the sizes go together.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Architecture {
    biased = Sets.immutableEnumSet(biased);
    checkArgument(vocabularySize >= 1, "the vocabulary has %s tokens", vocabularySize);
    checkArgument(
        embeddingRows >= vocabularySize,
        "the embedding has %s rows, less than the %s tokens of the vocabulary",
        embeddingRows,
        vocabularySize);
    checkArgument(maxPositions >= 1, "the model has %s positions", maxPositions);
    checkArgument(layers >= 1, "the model has %s layers", layers);
    if (experts.isPresent()) {
      checkArgument(
          (long) layers * experts.get().count() <= MOST_EXPERTS,
          "%s layers of %s experts each are more than the %s experts that are believed",
          layers,
          experts.get().count(),
          MOST_EXPERTS);
    }
    checkArgument(hiddenSize >= 1, "the hidden size is %s", hiddenSize);
    checkArgument(feedForwardSize >= 1, "the feed-forward size is %s", feedForwardSize);
    checkArgument(
        kvHeads >= 1 && heads >= 1 && heads % kvHeads == 0,
        "%s heads are no multiple of %s key/value heads",
        heads,
        kvHeads);
    checkArgument(
        headDimension >= 2 && headDimension % 2 == 0,
        "head size %s is odd; rotary positions need an even one",
        headDimension);
    int rotated = rotated(headDimension, rotary);
    checkArgument(
        rotated > 2 || !(rotary.scaling().orElse(null) instanceof Rotary.Scaling.DynamicNtk),
        "dynamic NTK scaling raises to the power R / (R - 2), for which R, the rotated dimensions of"
            + " a head, must be more than 2, but are %s",
        rotated);
    checkArgument(PROJECTIONS.containsAll(biased), "of %s only projections have biases", biased);
    checkArgument(normEpsilon >= 0, "the norms' epsilon is %s", normEpsilon);
    causalBlock.ifPresent(
        tokens -> checkArgument(tokens >= 1, "attention is causal over blocks of %s", tokens));
    checkArgument(
        logitShift == 0 || logitShift == 1, "logits are shifted by 0 or 1, not by %s", logitShift);
  }

  /**
   * Starts an architecture.
   *
   * @return a builder without sizes
   */
  public static ArchitectureBuilder builder() {
    return new ArchitectureBuilder();
  }

  /**
   * Starts an architecture that differs from this one.
   *
   * @return a builder with everything that this architecture has
   */
  public ArchitectureBuilder toBuilder() {
    return new ArchitectureBuilder(this);
  }

  /**
   * What a layer has instead of one feed-forward part.
   *
   * @param layer the layer, from 0
   * @return its experts; empty if it has one part of {@code feedForwardSize}
   */
  public Optional<Experts> expertsOf(int layer) {
    return experts.filter(some -> layer >= some.firstLayer());
  }

  /**
   * How many of a head's dimensions are rotated.
   *
   * @return an even number, at most {@code headDimension}
   */
  public int rotatedDimensions() {
    return rotated(headDimension, rotary);
  }

  private static int rotated(int headDimension, Rotary rotary) {
    return (int) (headDimension * rotary.share()) / 2 * 2;
  }
}
