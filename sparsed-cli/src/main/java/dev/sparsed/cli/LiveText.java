package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.decoding.Canvas;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * An answer that is being denoised, as coloured text: what was decided before, what this step
 * decided, what the model leans to, and masks. It ends at the first decided token that ends a text.
 * Of a text with gaps each is shown so, with the given text around it.
 */
final class LiveText {

  private static final AttributedStyle DECIDED = AttributedStyle.DEFAULT;
  private static final AttributedStyle NEW = AttributedStyle.BOLD.foreground(AttributedStyle.GREEN);
  private static final AttributedStyle GUESS =
      AttributedStyle.DEFAULT.foreground(AttributedStyle.BRIGHT | AttributedStyle.BLACK);
  private static final AttributedStyle GIVEN =
      AttributedStyle.DEFAULT.foreground(AttributedStyle.BLUE);
  private static final char MASK = '░';

  /** Of longer given texts the beginning or the end is left out. */
  private static final int MOST_GIVEN = 48;

  private final List<Canvas.Gap> gaps;
  private final int maskToken;
  private final Set<Integer> ends;
  private final Function<int[], String> decode;

  /** What is known of a position, and so how it is shown. */
  enum State {
    /** Before this step. */
    DECIDED,
    /** In this step. */
    NEW,
    /** Not yet, but the model leans to a token. */
    GUESS,
    /** Not yet. */
    OPEN,
    /** Before the first step. */
    GIVEN
  }

  /** A part of the answer that is shown in one way. */
  record Run(State state, String text) {}

  /**
   * For one generation.
   *
   * @param promptLength tokens before the answer
   * @param maskToken id of the mask token
   * @param ends tokens that end a text
   * @param decode the text of tokens, special ones left out
   */
  LiveText(int promptLength, int maskToken, Set<Integer> ends, Function<int[], String> decode) {
    this(
        List.of(new Canvas.Gap(promptLength, Integer.MAX_VALUE - promptLength)),
        maskToken,
        ends,
        decode);
  }

  /**
   * For one generation.
   *
   * @param gaps where tokens are generated; the last one may reach beyond the end
   * @param maskToken id of the mask token
   * @param ends tokens that end a text
   * @param decode the text of tokens, special ones left out
   */
  LiveText(
      List<Canvas.Gap> gaps, int maskToken, Set<Integer> ends, Function<int[], String> decode) {
    this.gaps = gaps;
    this.maskToken = maskToken;
    this.ends = ends;
    this.decode = decode;
  }

  /** The first sequence as it stands after a step, coloured. */
  AttributedString of(GenerationProgress progress) {
    AttributedStringBuilder text = new AttributedStringBuilder();
    for (Run run : runs(progress)) {
      text.append(
          run.text(),
          switch (run.state()) {
            case DECIDED -> DECIDED;
            case NEW -> NEW;
            case GUESS, OPEN -> GUESS;
            case GIVEN -> GIVEN;
          });
    }
    return text.toAttributedString();
  }

  /** The first sequence as it stands after a step, part by part. */
  ImmutableList<Run> runs(GenerationProgress progress) {
    int[] tokens = progress.sequences().get(0);
    ImmutableList.Builder<Run> runs = ImmutableList.builder();
    boolean isAnswer = gaps.get(0).end() >= tokens.length;
    int from = 0;
    for (Canvas.Gap gap : gaps) {
      if (!isAnswer) {
        addGiven(tokens, from, gap.start(), runs);
      }
      from = Math.min(gap.end(), tokens.length);
      add(progress, gap.start(), end(tokens, gap.start(), from), runs);
    }
    addGiven(tokens, from, tokens.length, runs);
    return runs.build();
  }

  /** Adds a given text, shortened where it is long: what is next to a gap stays. */
  private void addGiven(int[] tokens, int from, int to, ImmutableList.Builder<Run> runs) {
    String text;
    if (to - from <= MOST_GIVEN) {
      text = part(tokens, from, to);
    } else {
      String first = from == 0 ? "" : part(tokens, from, from + MOST_GIVEN / 2);
      String last = to == tokens.length ? "" : part(tokens, to - MOST_GIVEN / 2, to);
      text = first + " … " + last;
    }
    if (!text.isEmpty()) {
      runs.add(new Run(State.GIVEN, text));
    }
  }

  private void add(
      GenerationProgress progress, int start, int end, ImmutableList.Builder<Run> runs) {
    int[] tokens = progress.sequences().get(0);
    int[] preview = progress.preview().get(0);
    int[] decided = progress.decided().get(0);
    int from = start;
    while (from < end) {
      State state = state(from, tokens, preview, decided);
      int to = from + 1;
      while (to < end && state(to, tokens, preview, decided) == state) {
        to++;
      }
      runs.add(
          new Run(
              state,
              switch (state) {
                case OPEN -> String.valueOf(MASK).repeat(to - from);
                case GUESS -> part(preview, from, to);
                case DECIDED, NEW, GIVEN -> part(tokens, from, to);
              }));
      from = to;
    }
  }

  private int end(int[] tokens, int start, int limit) {
    int end = start;
    while (end < limit && !ends.contains(tokens[end])) {
      end++;
    }
    return end;
  }

  private State state(int position, int[] tokens, int[] preview, int[] decided) {
    if (tokens[position] != maskToken) {
      return Arrays.binarySearch(decided, position) >= 0 ? State.NEW : State.DECIDED;
    }
    int guess = preview[position];
    return guess == maskToken || ends.contains(guess) ? State.OPEN : State.GUESS;
  }

  /** What a model writes may hold control characters; letters may be cut in the middle. */
  private String part(int[] tokens, int from, int to) {
    String part = decode.apply(Arrays.copyOfRange(tokens, from, to));
    return Shown.plainly(part).replace('\ufffd', '·');
  }
}
