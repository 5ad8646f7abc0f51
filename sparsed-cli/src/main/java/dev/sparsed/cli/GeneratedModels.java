package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.ModelFamily;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The models that a command generates with: whatever a checkpoint holds, or those of one family, as
 * the published script of that family does.
 *
 * @param family the only family; empty for any
 */
record GeneratedModels(Optional<ModelFamily> family) {

  /** Whatever a checkpoint holds. */
  static final GeneratedModels ANY = new GeneratedModels(Optional.empty());

  /** Each with a command of its own: any model, then the families with a published script. */
  static List<GeneratedModels> all() {
    return Stream.concat(
            Stream.of(ANY),
            ModelFamily.installed().stream()
                .filter(family -> family.publishedModel().isPresent())
                .map(family -> new GeneratedModels(Optional.of(family))))
        .toList();
  }

  String command() {
    return family.map(only -> only.name().toLowerCase(Locale.ROOT)).orElse("generate");
  }

  String description() {
    return family
        .map(
            only ->
                "Generates an answer with a "
                    + only.name()
                    + " model, with the options of the published script.")
        .orElse("Generates an answer with the model of a checkpoint.");
  }

  /** What stands below the options. */
  String[] footer() {
    List<String> examples =
        family.isPresent()
            ? ImmutableList.of(
                "-p 4k",
                "-p 4k --origin",
                "-m ./my-checkpoint -p @task.txt -n 256 --cache sparse-dllm")
            : ImmutableList.of(
                "",
                "-m ./LLaDA-8B -p @notes.txt -n 256 --block_length 64",
                "-m ./Dream-7B -p 8k --method sparsed+dual-cache --json");
    return Stream.concat(
            Stream.of("", "Examples:"),
            examples.stream()
                .map(options -> ("  ./sparsed " + command() + " " + options).stripTrailing()))
        .toArray(String[]::new);
  }

  /** The repository to use where none is given; empty for the embedded demo. */
  Optional<String> defaultModel() {
    return family.flatMap(ModelFamily::publishedModel);
  }

  /** Refuses a checkpoint of another family. */
  void check(ModelConfig config, String model) {
    family
        .filter(only -> only != config.family())
        .ifPresent(
            only -> {
              throw new BadUseException(
                  String.format(
                      Locale.ROOT,
                      "%s is no %s model; use 'sparsed generate', which reads the kind from the checkpoint",
                      model,
                      only.name()));
            });
  }
}
