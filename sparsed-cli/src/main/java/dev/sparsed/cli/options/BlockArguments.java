package dev.sparsed.cli.options;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.EditingDecoding;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.method.MethodSetting;
import dev.sparsed.models.method.MethodSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many tokens are decoded together, when a step commits several, and when it corrects some. */
@InSection(OptionSection.METHOD)
final class BlockArguments {

  @Option(
      names = "--block_length",
      paramLabel = "N",
      description =
          "Tokens per block, decoded one block after the other (default: "
              + BlockSteps.PUBLISHED_LENGTH
              + ", or one block where that does not divide the tokens to generate; Dream without a"
              + " cache: all at once).")
  private @Nullable Integer blockLength;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      description =
          "Parallel decoding as in Fast-dLLM: every step commits the surest token and all others of"
              + " at least this confidence, 0 to 1, until nothing is masked (default: "
              + ParallelDecoding.DEFAULT_THRESHOLD
              + " for methods with threshold, otherwise off). With editing: above this confidence"
              + " (default: "
              + EditingDecoding.PUBLISHED_THRESHOLD
              + ").")
  private @Nullable Double threshold;

  @Option(
      names = "--editing_threshold",
      paramLabel = "P",
      description =
          "Corrections as in LLaDA2.1: every step also changes those decided tokens of its block"
              + " in whose place it is surer of another one than this, 0 to 1 (default: "
              + EditingDecoding.PUBLISHED_EDITING_THRESHOLD
              + " for methods with editing, otherwise off).")
  private @Nullable Double editingThreshold;

  @Option(
      names = "--post_steps",
      paramLabel = "N",
      description =
          "With editing: most steps of a block that only correct, after nothing of it is masked"
              + " (default: "
              + EditingDecoding.PUBLISHED_POST_STEPS
              + ").")
  private @Nullable Integer postSteps;

  MethodSettings in(MethodSettings settings) {
    MethodSettings all = settings;
    all = blockLength == null ? all : all.with(MethodSetting.BLOCK_LENGTH, blockLength);
    all = threshold == null ? all : all.with(MethodSetting.THRESHOLD, threshold);
    all =
        editingThreshold == null
            ? all
            : all.with(MethodSetting.EDITING_THRESHOLD, editingThreshold);
    return postSteps == null ? all : all.with(MethodSetting.POST_STEPS, postSteps);
  }
}
