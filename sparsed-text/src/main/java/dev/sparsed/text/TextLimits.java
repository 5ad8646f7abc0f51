package dev.sparsed.text;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.function.UnaryOperator;
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

  /** Marks in a row that are put in order here; no language has ten. */
  private static final int MAX_MARKS = 256;

  private final ImmutableList<Step> steps;
  private final ImmutableList<String> addedTokens;

  private TextLimits(ImmutableList<Step> steps, ImmutableList<String> addedTokens) {
    this.steps = steps;
    this.addedTokens = addedTokens;
  }

  /**
   * @param steps what happens to a text, in order
   * @param addedTokens tokens at which a text is cut into pieces before all else
   */
  static TextLimits of(ImmutableList<Step> steps, ImmutableList<String> addedTokens) {
    return new TextLimits(steps, addedTokens);
  }

  /**
   * @throws IllegalArgumentException if the text may take too much
   */
  void check(String text) {
    Measure measure = new Measure(text, addedTokens);
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
    int growth = compatible ? 11 : 3;
    return measure -> {
      if (measure.exact != null && hasLongRunOfMarks(measure.exact)) {
        measure.grow(1, growth);
      } else {
        measure.map(text -> Normalizer.normalize(text, form), 1, growth);
      }
    };
  }

  /** Whether Java would take long over a text: it sorts marks in the square of their number. */
  private static boolean hasLongRunOfMarks(String text) {
    int run = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      run = isMark(text.codePointAt(i)) ? run + 1 : 0;
      if (run > MAX_MARKS) {
        return true;
      }
    }
    return false;
  }

  private static boolean isMark(int character) {
    return switch (Character.getType(character)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      // The halfwidth sound marks of Katakana become marks.
      default -> character == 0xFF9E || character == 0xFF9F;
    };
  }

  /** Every occurrence of a literal text becomes another. */
  static Step replace(String literal, String content) {
    int least = utf8(literal);
    int added = utf8(content);
    return measure -> {
      if (measure.exact != null) {
        double growth = Math.max(1, (double) added / least);
        measure.map(text -> text.replace(literal, content), growth, growth);
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
    return measure -> measure.extra += (double) added * measure.pieces();
  }

  /** A text is put before each of the words into which earlier steps have cut the text. */
  static Step prependToWords(String text) {
    int added = utf8(text);
    return measure -> measure.extra += added * measure.characters();
  }

  /** What the second step puts before pieces does not take part in the first. */
  static Step apart(Step first, Step prepending) {
    return measure -> {
      double before = measure.extra;
      prepending.pass(measure);
      double added = measure.extra - before;
      measure.extra = before;
      first.pass(measure);
      measure.extra += added;
    };
  }

  /** The text changes in a way that is not followed here; its bytes multiply at most so. */
  static Step grow(double ascii, double other) {
    return measure -> measure.grow(ascii, other);
  }

  /** An expression is searched for. */
  static Step search(SplitPattern.Known known) {
    return measure -> {
      measure.match(known.steps());
      measure.work(known.width() * measure.characters());
      for (SplitPattern.Scan scan : known.scans()) {
        measure.work(scan.weight() * measure.squaredRuns(scan.repeated()));
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

    /** Where tokens could take more comparisons than these, they are not counted one by one. */
    private static final double MAX_COMPARISONS = 50_000_000;

    private final String original;
    private final ImmutableList<String> addedTokens;
    private @Nullable String exact;
    private double ascii;
    private double other;
    private double characters;

    /** Bytes put before pieces, beside the text. */
    private double extra;

    private double work;

    private Measure(String text, ImmutableList<String> addedTokens) {
      this.original = text;
      this.addedTokens = addedTokens;
      become(text);
    }

    private void become(String text) {
      exact = text;
      ascii = 0;
      other = 0;
      characters = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        characters += Character.isLowSurrogate(c) ? 0 : 1;
        if (c < 0x80) {
          ascii++;
        } else {
          other += c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
      }
    }

    private double bytes() {
      return ascii + other + extra;
    }

    private double characters() {
      return characters + extra;
    }

    /** At most so many pieces lie between added tokens. */
    private long pieces() {
      long pieces = 1;
      double length = addedTokens.stream().mapToDouble(String::length).sum();
      if (length * original.length() > MAX_COMPARISONS) {
        int shortest = addedTokens.stream().mapToInt(String::length).min().orElse(1);
        return pieces + original.length() / shortest;
      }
      for (String token : addedTokens) {
        for (int at = original.indexOf(token); at >= 0; at = original.indexOf(token, at + 1)) {
          pieces++;
        }
      }
      return pieces;
    }

    /** Repeats a step as long as the text is known, and bounds it otherwise. */
    private void map(UnaryOperator<String> step, double ofAscii, double ofOther) {
      String before = exact;
      if (before == null) {
        grow(ofAscii, ofOther);
      } else {
        become(step.apply(before));
        extra *= ofOther;
      }
    }

    private void grow(double ofAscii, double ofOther) {
      exact = null;
      ascii *= ofAscii;
      other *= ofOther;
      extra *= ofOther;
      characters = ascii + other;
    }

    private void replace(int least, int added) {
      exact = null;
      double matches = (ascii + other) / least;
      double total = ascii + other + matches * Math.max(0, added - least);
      other = Math.min(total, other + matches * added);
      ascii = total - other;
      extra *= Math.max(1, (double) added / least);
      characters = total;
    }

    private double squaredRuns(CharacterClass repeated) {
      String text = exact;
      return text != null
          ? repeated.squaredRuns(text) + extra * extra
          : characters() * characters();
    }

    private void work(double steps) {
      work += steps;
    }

    private void match(int steps) {
      if (steps * characters() > MAX_STEPS) {
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
