package dev.sparsed.examples;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import java.nio.file.Path;

/**
 * Text in, text out. Arguments: a checkpoint folder and a question; without them the model that
 * comes along answers a question of its own world.
 */
public final class GenerateText {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  private GenerateText() {}

  /**
   * Prints the answer.
   *
   * @param arguments nothing, or a checkpoint folder and a question
   */
  public static void main(String[] arguments) {
    Path folder = arguments.length > 0 ? Path.of(arguments[0]) : DemoCheckpoint.folder();
    String question = arguments.length > 1 ? arguments[1] : QUESTION;
    try (DiffusionModel model = DiffusionModel.load(folder)) {
      System.out.println(model.chat(question));
    }
  }
}
