package dev.sparsed.cli.options;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.method.MethodSetting;
import dev.sparsed.models.method.MethodSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many tokens are decoded together, and when a step commits several. */
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
              + " for methods with threshold, otherwise off).")
  private @Nullable Double threshold;

  MethodSettings in(MethodSettings settings) {
    MethodSettings all = settings;
    all = blockLength == null ? all : all.with(MethodSetting.BLOCK_LENGTH, blockLength);
    return threshold == null ? all : all.with(MethodSetting.THRESHOLD, threshold);
  }
}
