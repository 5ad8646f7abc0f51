package dev.sparsed.cli;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many tokens are generated in how many steps, and by which random numbers. */
@InSection(OptionSection.LENGTH)
final class DecodingArguments {

  private static final int DEFAULT_LENGTH = 128;

  /** Steps of the published scripts, whatever the length. */
  static final int PUBLISHED_STEPS = 128;

  @Option(
      names = {"-n", "--seq_len"},
      paramLabel = "N",
      description = "Tokens to generate (default: " + DEFAULT_LENGTH + ").")
  private @Nullable Integer generationLength;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Denoising steps. With --threshold there are as many as it takes; a Dream model without"
              + " blocks then commits at most --seq_len / --steps tokens in each, 32 unless --steps"
              + " is given. Where the default does not divide over the blocks there is one per token"
              + " (default: "
              + PUBLISHED_STEPS
              + ").")
  private @Nullable Integer steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  int generationLength() {
    return generationLength == null ? DEFAULT_LENGTH : generationLength;
  }

  /** Refuses a length where another option says it. */
  void refuseLength(String other) {
    if (generationLength != null) {
      throw new BadUseException(
          "--seq_len has no meaning with "
              + other
              + ", whose gaps say how many tokens are generated; leave it away");
    }
  }

  /** The steps that were given. */
  OptionalInt steps() {
    return steps == null ? OptionalInt.empty() : OptionalInt.of(steps);
  }

  long seed() {
    return seed;
  }

  void check() {
    if (steps != null && steps < 1) {
      throw new BadUseException("--steps must be at least 1 but is " + steps);
    }
  }
}
