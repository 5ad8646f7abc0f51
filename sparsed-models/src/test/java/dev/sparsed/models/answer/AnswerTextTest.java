package dev.sparsed.models.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Tokens are bytes here, so that most characters take several. */
class AnswerTextTest {

  private static final int MASK = 256;
  private static final int END = 257;

  @Test
  void tellsTextOnlyOnceEverythingBeforeItIsDecided() {
    AnswerText text = text(100, List.of());
    assertEquals("", text.advance(tokens("__ b____")));
    assertEquals("a b", text.advance(tokens("a b____")));
    assertEquals("", text.advance(tokens("a b__de")));
    assertEquals("cde", text.advance(tokens("a bcde")).strip());
  }

  @Test
  void holdsBackHalfOfACharacter() {
    AnswerText text = text(100, List.of());
    int[] tokens = tokens("ä€____");
    int[] half = tokens.clone();
    Arrays.fill(half, 1, half.length, MASK);
    assertEquals("", text.advance(half));
    half[1] = tokens[1];
    half[2] = tokens[2];
    assertEquals("ä", text.advance(half));
    assertEquals("€", text.advance(tokens));
  }

  @Test
  void holdsBackBlanksThatMayEndTheAnswer() {
    AnswerText text = text(100, List.of());
    assertEquals("one", text.advance(tokens("  one \n__")));
    assertEquals("", text.advance(tokens("  one \n#_")));
    assertEquals(Optional.of(Answer.Ending.END_OF_TEXT), text.ending());
    assertEquals("one", text.text());
    assertEquals(8, text.tokens());
  }

  @Test
  void keepsBlanksOfAContinuation() {
    AnswerText text =
        new AnswerText(
            AnswerTextTest::decode,
            new AnswerText.Reading(MASK, Set.of(END), 100, List.of(), false));
    assertEquals("  one", text.advance(tokens("  one \n__")));
    assertEquals(" \n", text.advance(tokens("  one \n#_")));
  }

  @Test
  void endsBeforeAStopSequenceAndTellsNoPartOfIt() {
    AnswerText text = text(100, List.of("STOP", "ST!"));
    assertEquals("go", text.advance(tokens("go ST____")));
    assertEquals(" STA", text.advance(tokens("go STA____")));
    assertEquals("", text.advance(tokens("go STAST____")));
    assertEquals("", text.advance(tokens("go STASTOP more")));
    assertEquals(Optional.of(Answer.Ending.STOP_SEQUENCE), text.ending());
    assertEquals("go STA", text.text());
    assertEquals(10, text.tokens());
    assertEquals("", text.advance(tokens("go STASTOP more")));
  }

  @Test
  void endsAtTheMostTokens() {
    AnswerText text = text(3, List.of());
    assertEquals("abc", text.advance(tokens("abcdef")));
    assertEquals(Optional.of(Answer.Ending.LENGTH), text.ending());
    assertEquals(3, text.tokens());
  }

  @Test
  void isEmptyWhereTheModelEndsItsTurnAtOnce() {
    AnswerText text = text(5, List.of());
    assertEquals("", text.advance(tokens("#____")));
    assertEquals(Optional.of(Answer.Ending.END_OF_TEXT), text.ending());
    assertEquals(1, text.tokens());
  }

  @Test
  void showsOpenPositionsInProvisionalText() {
    AnswerText.Reading reading = new AnswerText.Reading(MASK, Set.of(END), 9, List.of(), true);
    assertEquals(
        "a░░d",
        ProvisionalText.of(AnswerTextTest::decode, reading, tokens("a__d #xx")),
        "up to the first end, without blanks around it");
  }

  /** Whatever the order in which positions are decided. */
  @Property(tries = 300)
  void whatWasToldIsTheWholeAnswer(
      @ForAll @Size(max = 12) List<@IntRange(max = 9) Integer> characters,
      @ForAll long order,
      @ForAll @IntRange(min = 1, max = 5) int perStep,
      @ForAll boolean stops) {
    String alphabet = "an' t€ä😀S\n.";
    int[] points = alphabet.codePoints().toArray();
    StringBuilder answer = new StringBuilder();
    characters.forEach(each -> answer.appendCodePoint(points[each]));
    int[] whole = tokens(answer + "#");
    List<String> stopSequences = stops ? List.of("SS", "tn") : List.of();
    AnswerText text = text(whole.length, stopSequences);
    int[] sequence = new int[whole.length];
    Arrays.fill(sequence, MASK);
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < whole.length; i++) {
      positions.add(i);
    }
    Collections.shuffle(positions, new Random(order));
    String expected = expected(answer.toString(), stopSequences);
    StringBuilder told = new StringBuilder();
    for (int i = 0; i < positions.size(); i++) {
      sequence[positions.get(i)] = whole[positions.get(i)];
      if (i % perStep == 0 || i == positions.size() - 1) {
        told.append(text.advance(sequence));
        assertTrue(expected.startsWith(told.toString()), () -> told + " begins " + expected);
      }
    }
    assertEquals(expected, told.toString());
    assertEquals(expected, text.text());
    assertTrue(text.ending().isPresent());
  }

  private static String expected(String answer, List<String> stopSequences) {
    int end =
        stopSequences.stream()
            .mapToInt(answer::indexOf)
            .filter(index -> index >= 0)
            .min()
            .orElse(answer.length());
    return answer.substring(0, end).strip();
  }

  private static AnswerText text(int maxTokens, List<String> stopSequences) {
    return new AnswerText(
        AnswerTextTest::decode,
        new AnswerText.Reading(MASK, Set.of(END), maxTokens, stopSequences, true));
  }

  /** Bytes, {@code _} for a mask and {@code #} for an end. */
  private static int[] tokens(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = bytes[i] == '_' ? MASK : bytes[i] == '#' ? END : bytes[i] & 0xFF;
    }
    return tokens;
  }

  private static String decode(int[] tokens) {
    byte[] bytes = new byte[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      bytes[i] = (byte) tokens[i];
    }
    return new String(bytes, UTF_8);
  }
}
