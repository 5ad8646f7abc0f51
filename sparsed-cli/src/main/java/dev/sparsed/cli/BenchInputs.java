package dev.sparsed.cli;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import java.io.IOException;
import java.util.Optional;

/**
 * What a benchmark of generations reads before it loads the model.
 *
 * @param location where the model is
 * @param defaults what the checkpoint says of generations
 * @param tokens the prompt: tokens as they are given, or a text's
 */
record BenchInputs(
    ModelArguments.Location location, GenerationConfig defaults, ImmutableIntArray tokens) {

  static BenchInputs read(ModelArguments model, PromptArguments prompt) throws IOException {
    ModelArguments.Location location = model.locate(Optional.empty());
    ModelConfig config;
    GenerationConfig defaults;
    try (Checkpoint checkpoint = Checkpoint.open(location.folder())) {
      config = checkpoint.config();
      defaults = checkpoint.generationConfig();
    }
    Optional<int[]> given = prompt.tokens(config);
    if (given.isPresent()) {
      return new BenchInputs(location, defaults, ImmutableIntArray.copyOf(given.get()));
    }
    try (PromptTokens texts = new PromptTokens(location, defaults.endTokens(), prompt.raw())) {
      return new BenchInputs(
          location,
          defaults,
          ImmutableIntArray.copyOf(texts.encode(texts.read(prompt.source()).text())));
    }
  }

  MethodRequest requests(DecodingArguments decoding, SamplingArguments sampling) {
    return new MethodRequest(defaults, decoding, sampling);
  }
}
