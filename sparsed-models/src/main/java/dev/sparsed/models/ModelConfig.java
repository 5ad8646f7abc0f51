package dev.sparsed.models;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;

/**
 * What a {@code config.json} says of a model. Whatever is not supported was refused on reading.
 *
 * @param family the family that reads it
 * @param modelClass the published name of its class, such as {@code DreamModel}
 * @param architecture what the engine computes
 * @param tokens the special tokens
 * @param weightType the type that is announced for the stored weights; the files themselves decide
 */
public record ModelConfig(
    ModelFamily family,
    String modelClass,
    Architecture architecture,
    ModelTokens tokens,
    Precision weightType) {

  /**
   * The configuration of a published shape, in bfloat16.
   *
   * @param template the shape
   * @return the configuration
   */
  public static ModelConfig of(ModelTemplate template) {
    return new ModelConfig(
        template.family(),
        template.modelClass(),
        template.architecture(),
        template.tokens(),
        Precision.BFLOAT16);
  }

  /**
   * The token that stands for what is still to be generated.
   *
   * @return its id
   */
  public int maskToken() {
    return tokens.mask();
  }

  /**
   * The same with another architecture of the same family.
   *
   * @param value what the engine computes
   * @return the changed configuration
   */
  public ModelConfig withArchitecture(Architecture value) {
    return new ModelConfig(family, modelClass, value, tokens, weightType);
  }

  /**
   * The same with other special tokens.
   *
   * @param value the tokens
   * @return the changed configuration
   */
  public ModelConfig withTokens(ModelTokens value) {
    return new ModelConfig(family, modelClass, architecture, value, weightType);
  }

  /**
   * The same with another number of layers.
   *
   * @param layers the number of layers, at least 1
   * @return the changed configuration
   * @throws IllegalArgumentException if there is no layer
   */
  public ModelConfig withLayers(int layers) {
    return withArchitecture(architecture.toBuilder().layers(layers).build());
  }

  /**
   * The same stored in another type.
   *
   * @param value the type
   * @return the changed configuration
   */
  public ModelConfig withWeightType(Precision value) {
    return new ModelConfig(family, modelClass, architecture, tokens, value);
  }
}
