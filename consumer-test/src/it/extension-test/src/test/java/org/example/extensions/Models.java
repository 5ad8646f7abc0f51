package org.example.extensions;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.cache.CachePolicy;
import java.nio.file.Path;
import java.util.Random;

/** Small random models of both families, and requests to them. */
final class Models {

  static final int PROMPT = 24;
  static final int GENERATED = 16;
  static final int LENGTH = PROMPT + GENERATED;

  private Models() {}

  static DiffusionModel load(String name) {
    Path dream = Path.of(System.getProperty("sparsed.checkpoint"));
    return DiffusionModel.load(
        dream.resolveSibling(name), ModelOptions.DEFAULT.withPrecision(Precision.FLOAT32));
  }

  static GenerationRequest.Builder request() {
    return GenerationRequest.builder()
        .prompt(new Random(11).ints(PROMPT, 0, 300).toArray())
        .generationLength(GENERATED)
        .steps(GENERATED)
        .stopAt()
        .attention(AttentionPolicy.full());
  }

  static GenerationResult generate(DiffusionModel model, CachePolicy cache) {
    return model.generate(request().cache(cache).build(), GenerationListener.NONE);
  }
}
