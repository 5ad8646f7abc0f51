package dev.sparsed.examples;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import java.util.Map;

/** The same question with full and with sparse attention: answers, blocks read, time per phase. */
public final class CompareFullAndSparse {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  private CompareFullAndSparse() {}

  /**
   * Prints the comparison.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      print("full", model, AttentionPolicy.full());
      // One step in five attends fully; then each head reads half of its blocks of 16 tokens.
      print("SparseD", model, AttentionPolicy.sparseD(0.2, 0.5, 16));
    }
  }

  private static void print(String name, DiffusionModel model, AttentionPolicy attention) {
    GenerationResult result =
        model.generate(
            model
                .ask(QUESTION)
                .generationLength(32)
                .steps(32)
                .attention(attention)
                .sparsity(Sparsity.ALWAYS) // a text as short as this one would not pay off
                .build());
    System.out.println(name + ": " + model.answer(result));
    result.density().ifPresent(density -> System.out.printf("  blocks read: %.2f%n", density));
    for (Map.Entry<AttentionPhase, GenerationResult.PhaseUse> phase : result.phases().entrySet()) {
      System.out.printf(
          "  %s: %d steps, %d ms%n",
          phase.getKey(), phase.getValue().forwardPasses(), phase.getValue().time().toMillis());
    }
  }
}
