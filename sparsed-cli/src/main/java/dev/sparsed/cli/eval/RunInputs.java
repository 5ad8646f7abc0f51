package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.run.Fingerprint;
import dev.sparsed.models.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** A command whose result depends on more than its arguments say: on files and on a model. */
interface RunInputs {

  /** What a model or file that is not there counts as; the command itself says what is wrong. */
  String ABSENT = "not there";

  /**
   * Options whose values are paths. What is read there, {@link #inputs} has by its content; where
   * results go does not change them.
   */
  ImmutableSet<String> PATHS =
      ImmutableSet.of(
          "--data",
          "--few_shot",
          "--qa_1",
          "--qa_2",
          "--model_path",
          "--out",
          "--summary",
          "--chart");

  /**
   * What the command would read now.
   *
   * @return short names of what is in its files and of its model
   */
  ImmutableMap<String, String> inputs() throws IOException;

  /** The content of a file. */
  static String file(Path file) throws IOException {
    return Files.isRegularFile(file) ? Fingerprint.of(file) : ABSENT;
  }

  /** What decides a model's answers. */
  static ImmutableMap<String, String> model(EvalModelSource models, EvalModelArguments arguments) {
    return model(models, arguments, EvalModel::identity);
  }

  /** What decides a model's answers with the methods of a command, defaults included. */
  static ImmutableMap<String, String> model(
      EvalModelSource models,
      EvalModelArguments arguments,
      Function<EvalModel, ImmutableMap<String, String>> identity) {
    try (EvalModel opened = models.open(arguments)) {
      return identity.apply(opened);
    } catch (CheckpointException | IllegalArgumentException e) {
      return ImmutableMap.of("model", ABSENT);
    }
  }
}
