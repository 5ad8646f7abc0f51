package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.Sparsity;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** When and how sparsely the model attends. */
final class SparsityArguments {

  @Option(names = "--origin", description = "Full attention in every step: the original model.")
  private boolean origin;

  @Mixin private final PatternArguments pattern = new PatternArguments();

  @Option(
      names = "--sparsity",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description =
          "auto: sparse only if that is expected to be faster than full attention; always; never"
              + " (default: ${DEFAULT-VALUE}).")
  private Sparsity sparsity = Sparsity.AUTO;

  Sparsity sparsity() {
    return sparsity;
  }

  int blockSize() {
    return pattern.blockSize();
  }

  /** A given option that has no meaning where a fixed pattern is read. */
  Optional<String> withoutMeaningForFixedPatterns() {
    return origin ? Optional.of("--origin") : pattern.selecting();
  }

  AttentionPolicy policy() {
    return origin ? AttentionPolicy.full() : pattern.policy();
  }
}
