package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.decoding.Canvas;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;

class LiveTextTest {

  private static final int MASK = 99;
  private static final int END = 98;
  private static final LiveText TEXT = new LiveText(2, MASK, Set.of(END), LiveTextTest::letters);

  /** Token 0 is a, token 1 is b; 50 is no whole letter, 51 a control character, 52 a line end. */
  private static String letters(int[] tokens) {
    return Arrays.stream(tokens)
        .mapToObj(
            token ->
                switch (token) {
                  case 50 -> "\ufffd";
                  case 51 -> "\u001b";
                  case 52 -> "\n";
                  default -> Character.toString('a' + token);
                })
        .collect(Collectors.joining());
  }

  private static GenerationProgress progress(
      int step, int[] tokens, int[] preview, int... decided) {
    return new GenerationProgress(
        step,
        4,
        AttentionPhase.FULL,
        CachePlan.CacheUse.BYPASSED,
        true,
        Duration.ofMillis(1),
        List.of(tokens),
        List.of(decided),
        List.of(new double[decided.length]),
        List.of(preview),
        List.of(tokens.length));
  }

  @Test
  void showsWhatIsDecidedWhatIsGuessedAndMasks() {
    AttributedString text =
        TEXT.of(
            progress(
                1,
                new int[] {7, 7, 0, 1, MASK, MASK, MASK},
                new int[] {7, 7, 0, 1, 2, MASK, END},
                3));
    assertEquals("abc░░", text.toString());
    String ansi = text.toAnsi();
    assertTrue(ansi.startsWith("a\u001b["), "decided before: plain");
    assertTrue(ansi.contains("mb\u001b["), "decided now: coloured");
  }

  @Test
  void gapsAreShownWithWhatIsGivenAroundThem() {
    LiveText text =
        new LiveText(
            List.of(new Canvas.Gap(1, 3), new Canvas.Gap(5, 2)),
            MASK,
            Set.of(END),
            LiveTextTest::letters);
    int[] tokens = {7, 0, END, END, 8, MASK, 2, 9};
    assertEquals("hai░cj", text.of(progress(1, tokens, tokens, 6)).toString());
    int[] longer = new int[200];
    longer[100] = MASK;
    String shown =
        new LiveText(List.of(new Canvas.Gap(100, 1)), MASK, Set.of(END), LiveTextTest::letters)
            .of(progress(1, longer, longer))
            .toString();
    assertTrue(shown.matches(" … a{24}░a{24} … "), shown);
  }

  @Test
  void endsWhereTheTextEnds() {
    int[] tokens = {7, 7, 0, MASK, END, 1, MASK};
    assertEquals("a░", TEXT.of(progress(1, tokens, tokens, 2)).toString());
  }

  @Test
  void controlCharactersAreSpelledOutAndCutLettersAreDots() {
    int[] tokens = {7, 7, 51, 50, 52, 0};
    String text = TEXT.of(progress(1, tokens, tokens)).toString();
    assertEquals("\\u001b·\na", text);
  }

  @Test
  void isDrawnInPlaceAndTakenAway() throws IOException {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    Terminal terminal =
        new ExternalTerminal(
            "test", "xterm", new ByteArrayInputStream(new byte[0]), screen, StandardCharsets.UTF_8);
    terminal.setSize(new Size(40, 10));
    int[] tokens = new int[300];
    Arrays.fill(tokens, MASK);
    tokens[2] = 3;
    try (LiveProgress progress = LiveProgress.owning(terminal, TEXT)) {
      progress.onStep(progress(3, tokens, tokens, 2));
      String drawn = screen.toString(StandardCharsets.UTF_8);
      assertTrue(drawn.contains("░░░"), drawn);
      assertTrue(drawn.contains("tep 4/4, full"), drawn);
      long masks = drawn.chars().filter(letter -> letter == '░').count();
      assertTrue(masks <= 7 * 39, "no more lines than the terminal has: " + drawn);
      screen.reset();
    }
    String cleared = screen.toString(StandardCharsets.UTF_8);
    assertTrue(Pattern.compile("\u001b\\[\\d*A").matcher(cleared).find(), "goes back up");
    assertFalse(cleared.contains("░"), cleared);
  }

  @Test
  void linesShowItWhereNothingCanBeDrawn() {
    StringWriter err = new StringWriter();
    int[] tokens = {7, 7, 0, MASK, 52, 1};
    try (LiveLines lines = new LiveLines(new PrintWriter(err), TEXT)) {
      lines.onStep(progress(0, tokens, tokens));
    }
    assertTrue(err.toString().contains("step 1/4, full"), err.toString());
    assertTrue(err.toString().contains("\n  a░\n  b\n"), err.toString());
  }

  @Test
  void whatTakesLongIsTold() throws InterruptedException {
    StringWriter quick = new StringWriter();
    SlowNotice.of(new PrintWriter(quick, true), "quick", Duration.ofMinutes(1)).close();
    StringWriter slow = new StringWriter();
    try (SlowNotice notice =
        SlowNotice.of(new PrintWriter(slow, true), "slow", Duration.ofMillis(1))) {
      while (!slow.toString().contains("slow")) {
        Thread.sleep(1);
      }
      assertEquals("", quick.toString());
      assertFalse(notice == null);
    }
  }
}
