package dev.sparsed.examples;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.PassDecoding;
import java.util.List;
import java.util.OptionalInt;

/**
 * A decoding of one's own: a pass decides every position whose likeliest token is well ahead of the
 * next likely one, and the one that is furthest ahead in any case.
 *
 * @param lead margin of probability from which on a position is decided
 */
public record OwnSampler(double lead) implements PassDecoding {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Magnus keep?""";

  /** All positions at once, not block after block. */
  @Override
  public OptionalInt tokensPerBlock() {
    return OptionalInt.empty();
  }

  @Override
  public PassDecoding.DecidingPass pass(DecodingContext context) {
    return (predictions, editor) -> {
      List<Candidate> candidates = predictions.likeliest();
      double furthest = candidates.stream().mapToDouble(Candidate::margin).max().orElse(0);
      for (Candidate candidate : candidates) {
        if (candidate.margin() >= Math.min(lead, furthest)) {
          editor.commit(candidate.position(), candidate.token());
        }
      }
    };
  }

  /**
   * Prints the answer, and how many passes it took.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      for (double lead : new double[] {1, 0.9, 0.5}) {
        GenerationResult result =
            model.generate(
                model.ask(QUESTION).generationLength(32).decoding(new OwnSampler(lead)).build(),
                GenerationListener.NONE);
        System.out.printf(
            "lead %.1f: %s (%d passes)%n", lead, model.answer(result), result.completedSteps());
      }
    }
  }
}
