package dev.sparsed.models.checkpoint;

import dev.sparsed.text.Quoted;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Published models whose architecture can be had without their weights. */
@SuppressWarnings("ImmutableEnumChecker") // Configurations are records of immutable values.
public enum ModelTemplate {
  /** Dream-v0-Instruct-7B. */
  DREAM_7B("dream-7b", DreamConfig.DREAM_7B),
  /** LLaDA-8B-Instruct, whose architecture is LLaDA-1.5's too. */
  LLADA_8B("llada-8b", LladaConfig.LLADA_8B);

  private final String label;
  private final ModelConfig config;

  ModelTemplate(String label, ModelConfig config) {
    this.label = label;
    this.config = config;
  }

  /**
   * The template of a name.
   *
   * @param label the name, such as {@code dream-7b}
   * @return the template
   * @throws IllegalArgumentException if there is none of that name; the message lists those that
   *     there are
   */
  public static ModelTemplate of(String label) {
    return Arrays.stream(values())
        .filter(template -> template.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "no model template %s; there are %s",
                        Quoted.of(label),
                        Arrays.stream(values())
                            .map(ModelTemplate::label)
                            .collect(Collectors.joining(", ")))));
  }

  /**
   * The template's name.
   *
   * @return the name, such as {@code dream-7b}
   */
  public String label() {
    return label;
  }

  /**
   * The published architecture.
   *
   * @return the configuration; {@link ModelConfig#withLayers} makes it smaller
   */
  public ModelConfig config() {
    return config;
  }
}
