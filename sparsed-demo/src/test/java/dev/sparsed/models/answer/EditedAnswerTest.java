package dev.sparsed.models.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.method.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Answers of a decoding that changes tokens of its block again. */
class EditedAnswerTest {

  private static DiffusionModel model;

  @BeforeAll
  static void load() {
    model = DiffusionModel.load(DemoCheckpoint.folder());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static AnswerRequest.Builder request(String method) {
    return AnswerRequest.continuation("Ulla plays the")
        .minTokens(32)
        .maxTokens(32)
        .method(Method.parse(method));
  }

  /** Each piece of the answer as it was told, and after each step what was settled. */
  private record Told(Answer answer, List<String> pieces, List<String> settled) {

    static Told of(AnswerRequest request) {
      List<String> pieces = new ArrayList<>();
      List<String> settled = new ArrayList<>();
      Answer answer =
          new AnswerGenerator(model)
              .answer(
                  request,
                  new AnswerListener() {
                    @Override
                    public void onText(String text) {
                      pieces.add(text);
                    }

                    @Override
                    public Reaction onStep(AnswerListener.AnswerStep step) {
                      settled.add(step.settled());
                      return Reaction.CONTINUE;
                    }
                  });
      return new Told(answer, pieces, settled);
    }
  }

  /** Commits everything at once and changes it as long as it may: text is told block by block. */
  @Test
  void textIsToldWhenItsBlockCanNoLongerChange() {
    Told told =
        Told.of(
            request("editing:threshold=0:editing_threshold=0:post_steps=3:block_length=8").build());
    assertEquals(told.answer().text(), String.join("", told.pieces()));
    assertEquals("", told.settled().get(0));
    assertTrue(told.pieces().size() > 1, told.pieces()::toString);
    told.settled().forEach(text -> assertTrue(told.answer().text().startsWith(text), text));
  }

  @Test
  void answersEndAtTheirEndOfTextAndAtStopSequences() {
    Told ended = Told.of(request("editing:block_length=8").minTokens(0).build());
    assertEquals(Answer.Ending.END_OF_TEXT, ended.answer().ending());
    assertEquals(ended.answer().text(), String.join("", ended.pieces()));
    String whole = Told.of(request("editing:block_length=8").build()).answer().text();
    String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 3);
    Told stopped = Told.of(request("editing:block_length=8").stopSequences(List.of(stop)).build());
    assertEquals(Answer.Ending.STOP_SEQUENCE, stopped.answer().ending());
    assertEquals(whole.substring(0, whole.indexOf(stop)), stopped.answer().text());
  }
}
