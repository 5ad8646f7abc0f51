package dev.sparsed.text;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/**
 * How much work and memory native code may spend on one text. Everything is counted on the text as
 * it is after each step of normalisation, exactly where a step can be repeated here and by its
 * worst case otherwise, so that no definition makes a short text expensive.
 */
final class TextLimits {

  /** Normalised text at most, in UTF-8: native code takes up to 400 bytes for each of these. */
  static final long MAX_BYTES = 1_500_000;

  /** Steps that a match may take, below the engine's ten million. */
  static final long MAX_STEPS = 8_000_000;

  /** Steps that all searches and the model may take together: some two seconds. */
  static final long MAX_WORK = 200_000_000;

  private final ImmutableList<Step> steps;
  private final int shortestAddedToken;

  private TextLimits(ImmutableList<Step> steps, int shortestAddedToken) {
    this.steps = steps;
    this.shortestAddedToken = shortestAddedToken;
  }

  /**
   * @param steps what happens to a text, in order
   * @param shortestAddedToken bytes of the shortest added token: they cut a text into pieces
   */
  static TextLimits of(ImmutableList<Step> steps, int shortestAddedToken) {
    return new TextLimits(steps, Math.max(1, shortestAddedToken));
  }

  /**
   * @throws IllegalArgumentException if the text may take too much
   */
  void check(String text) {
    Measure measure = new Measure(text, shortestAddedToken);
    measure.limit();
    for (Step step : steps) {
      step.pass(measure);
      measure.limit();
    }
  }

  /** One step from text to tokens, as far as it costs something or makes the text longer. */
  interface Step {
    void pass(Measure measure);
  }

  /** A Unicode normalisation form. */
  static Step form(Normalizer.Form form) {
    boolean compatible = form == Normalizer.Form.NFKC || form == Normalizer.Form.NFKD;
    return measure -> {
      if (measure.exact != null) {
        measure.become(Normalizer.normalize(measure.exact, form));
      } else {
        measure.grow(1, compatible ? 11 : 3);
      }
    };
  }

  /** Every occurrence of a literal text becomes another. */
  static Step replace(String literal, String content) {
    int least = utf8(literal);
    int added = utf8(content);
    return measure -> {
      if (measure.exact != null) {
        measure.become(measure.exact.replace(literal, content));
      } else {
        measure.replace(least, added);
      }
    };
  }

  /** Every match of an expression of at least {@code least} bytes becomes another text. */
  static Step replaceMatches(int least, String content) {
    int added = utf8(content);
    return measure -> measure.replace(least, added);
  }

  /** A text is put before each piece between two added tokens. */
  static Step prepend(String text) {
    int added = utf8(text);
    return measure -> measure.add(added * (1 + measure.bytes() / measure.shortestAddedToken));
  }

  /** A text is put before each of the pieces into which earlier steps have cut the text. */
  static Step prependToWords(String text) {
    int added = utf8(text);
    return measure -> measure.add(added * measure.bytes());
  }

  /** The text changes in a way that is not followed here; its bytes multiply at most so. */
  static Step grow(double ascii, double other) {
    return measure -> measure.grow(ascii, other);
  }

  /** An expression is searched for. */
  static Step search(SplitPattern.Known known) {
    return measure -> {
      measure.match(known.steps());
      measure.work(known.width() * measure.bytes());
      for (SplitPattern.Scan scan : known.scans()) {
        double squares =
            measure.exact != null
                ? scan.repeated().squaredRuns(measure.exact)
                : measure.bytes() * measure.bytes();
        measure.work(scan.weight() * squares);
      }
    };
  }

  /** Work in proportion to the text. */
  static Step work(double perByte) {
    return measure -> measure.work(perByte * measure.bytes());
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** A text on its way, or no more than its size once it is not known letter by letter. */
  static final class Measure {

    private final String original;
    private final int shortestAddedToken;
    private @Nullable String exact;
    private double ascii;
    private double other;
    private double work;

    private Measure(String text, int shortestAddedToken) {
      this.original = text;
      this.shortestAddedToken = shortestAddedToken;
      become(text);
    }

    private void become(String text) {
      exact = text;
      ascii = 0;
      other = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c < 0x80) {
          ascii++;
        } else {
          other += c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
      }
    }

    private double bytes() {
      return ascii + other;
    }

    private void add(double bytes) {
      exact = null;
      other += bytes;
    }

    private void grow(double ofAscii, double ofOther) {
      exact = null;
      ascii *= ofAscii;
      other *= ofOther;
    }

    private void replace(int least, int added) {
      exact = null;
      double matches = (ascii + other) / least;
      double total = ascii + other + matches * Math.max(0, added - least);
      other = Math.min(total, other + matches * added);
      ascii = total - other;
    }

    private void work(double steps) {
      work += steps;
    }

    private void match(int steps) {
      if (steps * bytes() > MAX_STEPS) {
        throw tooLong("could take more than " + MAX_STEPS + " steps for one match");
      }
    }

    private void limit() {
      if (bytes() > MAX_BYTES) {
        throw tooLong("could become longer than " + MAX_BYTES + " bytes when it is normalised");
      }
      if (work > MAX_WORK) {
        throw tooLong("could take more than " + MAX_WORK + " steps");
      }
    }

    private IllegalArgumentException tooLong(String why) {
      return new IllegalArgumentException(
          "the text has "
              + original.length()
              + " characters, and with this tokenizer it "
              + why
              + "; split it, for instance at line ends");
    }
  }
}
