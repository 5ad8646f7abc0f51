package dev.sparsed.models.method;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.EditingDecoding;
import dev.sparsed.models.decoding.ParallelDecoding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How tokens are committed, and perhaps corrected, whatever the model's family.
 *
 * @param blockLength tokens that are decoded together, at least 1; empty for what the family does
 *     by itself
 * @param threshold parallel decoding: confidence from which candidates are committed, 0 to 1; empty
 *     for as many tokens per step as the family's decoding says
 * @param editing with a threshold: how decided tokens are corrected; empty if they are not
 */
public record MethodDecoding(
    OptionalInt blockLength, OptionalDouble threshold, Optional<Editing> editing) {

  private static final String PARALLEL = "threshold";
  private static final String EDITING = "editing";

  /** As the family decodes by itself. */
  public static final MethodDecoding OF_FAMILY =
      new MethodDecoding(OptionalInt.empty(), OptionalDouble.empty());

  /**
   * How decided tokens are corrected; see {@link EditingDecoding}.
   *
   * @param threshold confidence above which a decided token is changed, 0 to 1
   * @param postSteps most passes over a block after nothing of it is masked, at least 0
   */
  public record Editing(double threshold, int postSteps) {

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Editing {
      checkArgument(
          threshold >= 0 && threshold <= 1,
          "editing_threshold must be between 0 and 1 but is %s",
          threshold);
      checkArgument(postSteps >= 0, "post_steps must not be negative but is %s", postSteps);
    }
  }

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public MethodDecoding {
    checkArgument(
        blockLength.orElse(1) >= 1,
        "block_length must be at least 1 but is %s",
        blockLength.orElse(1));
    checkArgument(
        threshold.orElse(0) >= 0 && threshold.orElse(0) <= 1,
        "threshold must be between 0 and 1 but is %s",
        threshold.orElse(0));
    checkArgument(
        editing.isEmpty() || threshold.isPresent(),
        "editing needs a threshold from which masked positions are committed");
  }

  /**
   * Without corrections.
   *
   * @param blockLength tokens that are decoded together
   * @param threshold confidence from which candidates are committed
   */
  public MethodDecoding(OptionalInt blockLength, OptionalDouble threshold) {
    this(blockLength, threshold, Optional.empty());
  }

  /**
   * The same in other blocks.
   *
   * @param value tokens that are decoded together; empty for what the family does by itself
   * @return the changed decoding
   */
  public MethodDecoding withBlockLength(OptionalInt value) {
    return new MethodDecoding(value, threshold, editing);
  }

  /** The names of parts of methods that decode. */
  static List<String> names() {
    return List.of(PARALLEL, EDITING);
  }

  /**
   * A method's decoding.
   *
   * @param part one of {@link #names}; empty for the family's
   */
  static MethodDecoding of(Optional<String> part, MethodSettings settings) {
    Optional<Editing> editing =
        part.filter(EDITING::equals)
            .map(
                named ->
                    new Editing(
                        settings
                            .get(MethodSetting.EDITING_THRESHOLD)
                            .orElse(EditingDecoding.PUBLISHED_EDITING_THRESHOLD),
                        settings
                            .get(MethodSetting.POST_STEPS)
                            .orElse(EditingDecoding.PUBLISHED_POST_STEPS)));
    return new MethodDecoding(
        settings.get(MethodSetting.BLOCK_LENGTH).map(OptionalInt::of).orElse(OptionalInt.empty()),
        part.isPresent()
            ? OptionalDouble.of(
                settings.get(MethodSetting.THRESHOLD).orElse(usualThreshold(editing.isPresent())))
            : OptionalDouble.empty(),
        editing);
  }

  private static double usualThreshold(boolean edits) {
    return edits ? EditingDecoding.PUBLISHED_THRESHOLD : ParallelDecoding.DEFAULT_THRESHOLD;
  }

  boolean uses(MethodSetting<?> setting) {
    return setting == MethodSetting.BLOCK_LENGTH
        || (setting == MethodSetting.THRESHOLD && threshold.isPresent())
        || (editing.isPresent()
            && (setting == MethodSetting.EDITING_THRESHOLD || setting == MethodSetting.POST_STEPS));
  }

  /** The part of a name, with the settings that differ from the published ones; may be empty. */
  String name() {
    if (threshold.isEmpty()) {
      return "";
    }
    String written =
        MethodSetting.THRESHOLD.written(
            threshold.getAsDouble(), usualThreshold(editing.isPresent()));
    return editing
        .map(
            how ->
                EDITING
                    + written
                    + MethodSetting.EDITING_THRESHOLD.written(
                        how.threshold(), EditingDecoding.PUBLISHED_EDITING_THRESHOLD)
                    + MethodSetting.POST_STEPS.written(
                        how.postSteps(), EditingDecoding.PUBLISHED_POST_STEPS))
        .orElse(PARALLEL + written);
  }

  /** The settings that matter, each after a comma; may be empty. */
  String description() {
    return (threshold.isPresent() ? ", threshold=" + threshold.getAsDouble() : "")
        + editing
            .map(
                how -> ", editing_threshold=" + how.threshold() + ", post_steps=" + how.postSteps())
            .orElse("");
  }

  /**
   * What commits the tokens.
   *
   * @param sampler how the model's family decodes
   * @return the sampler itself, or what commits its candidates by thresholds
   * @throws IllegalArgumentException if a threshold is given and the sampler has no confidences
   */
  public DecodingPolicy policy(DecodingPolicy sampler) {
    if (threshold.isEmpty()) {
      return sampler;
    }
    double sure = threshold.getAsDouble();
    return editing
        .<DecodingPolicy>map(
            how -> new EditingDecoding(sampler, sure, how.threshold(), how.postSteps()))
        .orElseGet(() -> new ParallelDecoding(sampler, sure));
  }
}
