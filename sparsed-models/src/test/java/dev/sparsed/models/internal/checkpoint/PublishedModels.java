package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.ModelTemplate;

/** Configurations of published models. */
final class PublishedModels {

  static final ModelConfig DREAM_7B = ModelConfig.of(ModelTemplate.of("dream-7b"));
  static final ModelConfig LLADA_8B = ModelConfig.of(ModelTemplate.of("llada-8b"));

  private PublishedModels() {}
}
