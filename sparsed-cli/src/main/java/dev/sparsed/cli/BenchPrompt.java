package dev.sparsed.cli;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import java.io.IOException;
import java.util.Optional;

/** The prompt of a benchmark: tokens as they are given, or a text's. */
final class BenchPrompt {

  private BenchPrompt() {}

  static int[] tokens(
      PromptArguments prompt,
      ModelArguments.Location location,
      ModelConfig config,
      GenerationConfig defaults)
      throws IOException {
    Optional<int[]> given = prompt.tokens(config);
    if (given.isPresent()) {
      return given.get();
    }
    try (PromptTokens texts = new PromptTokens(location, defaults.endTokens(), prompt.raw())) {
      return texts.encode(texts.read(prompt.source()).text());
    }
  }
}
