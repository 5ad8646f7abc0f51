package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoBatch.Row;
import dev.sparsed.demo.exam.ExamQuestion;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTextsTest {

  private static final DemoRecipe RECIPE = DemoRecipe.published();
  private static final TextSource SOURCE = new TextSource(RECIPE);
  private static final int END = SOURCE.encoding().specialToken(DemoTokenizer.END_OF_TEXT);

  @ParameterizedTest
  @EnumSource(ExamTask.class)
  void encodesAsTheWrittenTokenizerDoes(ExamTask task, @TempDir Path folder) throws IOException {
    DemoTokenizer encoding = SOURCE.encoding();
    encoding.write(folder);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (int seed = 0; seed < 20; seed++) {
        ExamQuestion question = ExamQuestion.draw(task, 400, 32, seed, text -> text.length() / 4);
        String text = DemoTokenizer.chat(question.prompt()) + question.answer() + " \n\n 1234, né!";
        int[] expected = tokenizer.encode(text, Tokenizer.SpecialTokens.AS_WRITTEN);
        assertArrayEquals(Arrays.stream(expected).asLongStream().toArray(), encoding.tokens(text));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ExamTask.class)
  void asksAtTheEndOfATextOfExactlyTheLength(ExamTask task, @TempDir Path folder)
      throws IOException {
    SOURCE.encoding().write(folder);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (Row row : SOURCE.questions(task, 512, 5)) {
        assertEquals(512, row.tokens().length);
        long[] answer = Arrays.copyOfRange(row.tokens(), row.lastAnswer().first(), 512);
        assertTrue(answer.length >= DemoTexts.ROOM, () -> "room for " + answer.length);
        int[] told =
            Arrays.stream(answer).takeWhile(id -> id != END).mapToInt(i -> (int) i).toArray();
        String text = tokenizer.decode(told, false);
        String whole =
            tokenizer.decode(Arrays.stream(row.tokens()).mapToInt(i -> (int) i).toArray(), false);
        for (String sentence : text.split("(?<=\\.) ", -1)) {
          assertTrue(whole.indexOf(sentence) < whole.indexOf("?"), () -> sentence + " in " + whole);
        }
      }
    }
  }

  @Test
  void masksOnlyAnswersAndKeepsWhatTheyWere() {
    DemoBatch batch = SOURCE.batch(RECIPE.stages().get(0), 3);
    DemoBatch again = SOURCE.batch(RECIPE.stages().get(0), 3);
    assertArrayEquals(batch.tokens(), again.tokens());
    int mask = SOURCE.encoding().specialToken(DemoTokenizer.MASK);
    assertEquals(
        batch.places().length, Arrays.stream(batch.tokens()).filter(id -> id == mask).count());
    for (int i = 0; i < batch.places().length; i++) {
      assertEquals(mask, batch.tokens()[(int) batch.places()[i]]);
      assertTrue(batch.targets()[i] != mask);
    }
  }

  @Test
  void gapsHideOneOfTwoTellingsOfAFact(@TempDir Path folder) throws IOException {
    String gapped = RECIPE.toJson().replace("\"gaps\" : 0.0", "\"gaps\" : 1.0");
    DemoRecipe.Stage stage = DemoRecipe.parse(gapped).stages().get(0);
    assertEquals(1, stage.gaps());
    SOURCE.encoding().write(folder);
    int mask = SOURCE.encoding().specialToken(DemoTokenizer.MASK);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (int step = 0; step < 5; step++) {
        DemoBatch batch = SOURCE.batch(stage, step);
        int length = batch.tokens().length / batch.rows();
        long[] whole = batch.tokens().clone();
        for (int i = 0; i < batch.places().length; i++) {
          whole[(int) batch.places()[i]] = batch.targets()[i];
        }
        int hidden = 0;
        for (int row = 0; row < Math.min(20, batch.rows()); row++) {
          String shown = decode(tokenizer, batch.tokens(), row, length);
          for (String sentence : decode(tokenizer, whole, row, length).split("(?<=\\.) ", -1)) {
            if (sentence.matches(".* (lives in|holds) .*\\.")) {
              assertTrue(shown.contains(sentence), () -> sentence + " is nowhere in " + shown);
              hidden++;
            }
          }
        }
        assertTrue(hidden > 20, "facts that are told: " + hidden);
        assertTrue(Arrays.stream(batch.tokens()).anyMatch(id -> id == mask));
      }
    }
  }

  private static String decode(Tokenizer tokenizer, long[] tokens, int row, int length) {
    long[] own = Arrays.copyOfRange(tokens, row * length, (row + 1) * length);
    return tokenizer.decode(Arrays.stream(own).mapToInt(i -> (int) i).toArray(), true);
  }

  @Test
  void aRecipeThatSaysNothingOfGapsHasNone() {
    assertTrue(RECIPE.stages().stream().allMatch(stage -> stage.gaps() == 0));
  }

  @Test
  void streamsBatchesAsTheyAreAskedFor() throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    String requests = "step 0 3\nexam multi_key 256 2\n";
    TextStream.serve(
        RECIPE, new ByteArrayInputStream(requests.getBytes(StandardCharsets.US_ASCII)), output);
    ByteBuffer bytes = ByteBuffer.wrap(output.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    DemoBatch step = SOURCE.batch(RECIPE.stages().get(0), 3);
    DemoBatch exam =
        DemoBatch.blank(SOURCE.questions(ExamTask.MULTI_KEY, 256, 2), SOURCE.encoding());
    for (DemoBatch batch : List.of(step, exam)) {
      assertEquals(batch.rows(), bytes.getInt());
      assertEquals(batch.tokens().length / batch.rows(), bytes.getInt());
      assertEquals(batch.places().length, bytes.getInt());
      for (long[] ids : List.of(batch.tokens(), batch.positions())) {
        for (long id : ids) {
          assertEquals(id, bytes.getShort());
        }
      }
      for (long place : batch.places()) {
        assertEquals(place, bytes.getInt());
      }
      for (long id : batch.targets()) {
        assertEquals(id, bytes.getShort());
      }
      for (float weight : batch.weights()) {
        assertEquals(weight, bytes.getFloat());
      }
    }
    assertEquals(0, bytes.remaining());
  }
}
