package dev.sparsed.langchain4j;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;

/** The embedded model, and a question that it answers. */
final class Demo {

  static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  static final String ANSWER = "Ulla plays the piano.";

  private static final DiffusionModel MODEL = DiffusionModel.load(DemoCheckpoint.folder());

  private Demo() {}

  static DiffusionModel model() {
    return MODEL;
  }
}
