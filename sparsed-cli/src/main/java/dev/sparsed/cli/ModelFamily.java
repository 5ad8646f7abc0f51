package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.checkpoint.DreamConfig;
import dev.sparsed.models.checkpoint.LladaConfig;
import dev.sparsed.models.checkpoint.ModelConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The commands that generate, and the models each of them runs. */
enum ModelFamily {
  /** Whatever the checkpoint holds. */
  ANY(
      "generate",
      "Generates an answer with the model of a checkpoint.",
      Optional.empty(),
      "",
      "-m ./LLaDA-8B -p @notes.txt -n 256 --block_length 64",
      "-m ./Dream-7B -p 8k --method sparsed+dual-cache --json"),
  /** Dream, as the published {@code dream_generation.py} does. */
  DREAM(
      "dream",
      "Generates an answer with a Dream model, with the options of the published script.",
      Optional.of("Dream-org/Dream-v0-Instruct-7B"),
      "-p 4k",
      "-p 4k --origin",
      "-m ./Dream-Coder -p @task.txt -n 512 --steps 256"),
  /** LLaDA, as the published {@code llada_generation.py} does. */
  LLADA(
      "llada",
      "Generates an answer with a LLaDA model, with the options of the published script.",
      Optional.of("GSAI-ML/LLaDA-1.5"),
      "-p 4k",
      "-p 4k --origin",
      "-m ./LLaDA-8B -p @task.txt -n 256 --cache sparse-dllm");

  private final String command;
  private final String description;
  private final Optional<String> defaultModel;
  private final ImmutableList<String> examples;

  ModelFamily(
      String command, String description, Optional<String> defaultModel, String... examples) {
    this.command = command;
    this.description = description;
    this.defaultModel = defaultModel;
    this.examples =
        Arrays.stream(examples)
            .map(options -> ("  ./sparsed " + command + " " + options).stripTrailing())
            .collect(ImmutableList.toImmutableList());
  }

  String command() {
    return command;
  }

  String description() {
    return description;
  }

  /** What stands below the options. */
  String[] footer() {
    return Stream.concat(Stream.of("", "Examples:"), examples.stream()).toArray(String[]::new);
  }

  /** The repository to use where none is given; empty for the embedded demo. */
  Optional<String> defaultModel() {
    return defaultModel;
  }

  /** Refuses a checkpoint of the other family. */
  void check(ModelConfig config, String model) {
    boolean fits =
        switch (this) {
          case ANY -> true;
          case DREAM -> config instanceof DreamConfig;
          case LLADA -> config instanceof LladaConfig;
        };
    if (!fits) {
      throw new BadUseException(
          String.format(
              Locale.ROOT,
              "%s is no %s model; use 'sparsed generate', which reads the kind from the checkpoint",
              model,
              this == DREAM ? "Dream" : "LLaDA"));
    }
  }
}
