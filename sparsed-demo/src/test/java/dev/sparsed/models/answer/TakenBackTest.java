package dev.sparsed.models.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.PassDecoding;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Where a decoding masks tokens again that it has decided. */
class TakenBackTest {

  /** Decides the first token, takes it back while it decides the others, and decides it again. */
  private record Hesitating() implements PassDecoding {

    @Override
    public OptionalInt tokensPerBlock() {
      return OptionalInt.empty();
    }

    @Override
    public double guidance() {
      return 0;
    }

    @Override
    public boolean takesBack() {
      return true;
    }

    @Override
    public boolean readsDecided() {
      return true;
    }

    @Override
    public PassDecoding.DecidingPass pass(DecodingContext context) {
      return new Hesitation();
    }
  }

  private static final class Hesitation implements PassDecoding.DecidingPass {

    private int passes;

    @Override
    public void decide(Predictions predictions, SequenceEditor editor) {
      List<Candidate> likeliest = predictions.likeliest();
      passes++;
      if (passes == 2) {
        editor.mask(likeliest.get(0).position());
        likeliest.stream().skip(1).forEach(each -> editor.commit(each.position(), each.token()));
      } else {
        editor.commit(likeliest.get(0).position(), likeliest.get(0).token());
      }
    }
  }

  @Test
  void tellsNothingBeforeTheEnd() {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      ChatFormat format = model.chatFormat();
      int[] prompt = format.plain("Ulla plays the");
      GenerationRequest generation =
          GenerationRequest.builder()
              .prompt(prompt)
              .generationLength(8)
              .steps(8)
              .decoding(new Hesitating())
              .stopAt(format.ends())
              .forbid(model.config().maskToken())
              .build();
      List<String> told = new ArrayList<>();
      List<String> settled = new ArrayList<>();
      AnswerRequest request = AnswerRequest.continuation("Ulla plays the").maxTokens(8).build();
      Answer answer =
          new AnswerGenerator.PreparedAnswer(model, request, generation, format, prompt.length)
              .run(
                  new AnswerListener() {
                    @Override
                    public void onText(String text) {
                      told.add(text);
                    }

                    @Override
                    public Reaction onStep(AnswerListener.AnswerStep step) {
                      settled.add(step.settled());
                      return Reaction.CONTINUE;
                    }
                  });
      assertTrue(settled.size() >= 3, settled::toString);
      List<String> before = settled.subList(0, settled.size() - 1);
      before.forEach(text -> assertEquals("", text));
      assertEquals(answer.text(), settled.get(before.size()));
      assertEquals(answer.text(), String.join("", told));
      assertTrue(answer.ending() != Answer.Ending.CANCELLED);
    }
  }
}
