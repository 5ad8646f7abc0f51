package dev.sparsed.examples;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.select.TopK;

/**
 * A schedule of one's own: the pattern is chosen anew in every eighth step, and every other step is
 * sparse, the first one's followers included.
 */
public final class OwnSchedule {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Magnus keep?""";

  private OwnSchedule() {}

  /**
   * Prints the answer and what the steps did.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    SkipSchedule everyEighthStepAnew =
        (step, totalSteps) ->
            step % 8 == 0 ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
    AttentionPolicy policy =
        new AttentionPolicy(everyEighthStepAnew, new TopK(0.7), 16, ScoreScale.HEAD_DIMENSION);
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      GenerationResult result =
          model.generate(
              model
                  .ask(QUESTION)
                  .generationLength(32)
                  .steps(32)
                  .attention(policy)
                  .sparsity(Sparsity.ALWAYS)
                  .stopAt() // no early end, so that all 32 steps are seen
                  .build());
      System.out.println(model.answer(result));
      result
          .phases()
          .forEach(
              (phase, use) -> System.out.println(phase + ": " + use.forwardPasses() + " steps"));
    }
  }
}
