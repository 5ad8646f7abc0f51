package dev.sparsed.models.family;

import dev.sparsed.text.internal.Quoted;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A published model whose shape can be had without its weights.
 *
 * @param label a short name, such as {@code dream-7b}
 * @param family the family
 * @param modelClass the class of the published configuration
 * @param architecture its architecture
 * @param tokens its special tokens
 */
public record ModelTemplate(
    String label,
    ModelFamily family,
    String modelClass,
    Architecture architecture,
    ModelTokens tokens) {

  /**
   * The templates of all families.
   *
   * @return the templates, family by family
   */
  public static List<ModelTemplate> all() {
    return ModelFamily.installed().stream().flatMap(family -> family.templates().stream()).toList();
  }

  /**
   * The template of a name.
   *
   * @param label the name
   * @return the template
   * @throws IllegalArgumentException if there is none of that name; the message lists those that
   *     there are
   */
  public static ModelTemplate of(String label) {
    return all().stream()
        .filter(template -> template.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "no model template %s; there are %s",
                        Quoted.of(label),
                        all().stream()
                            .map(ModelTemplate::label)
                            .collect(Collectors.joining(", ")))));
  }
}
