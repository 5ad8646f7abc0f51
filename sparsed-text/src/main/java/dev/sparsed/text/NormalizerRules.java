package dev.sparsed.text;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which normalizers may follow each other, and how much longer they make a text.
 *
 * <p>Native code keeps for each byte the place that it came from, and ends the process where that
 * goes wrong. It holds for every order of these steps as long as each replacement stands for at
 * least one character of the text.
 */
final class NormalizerRules {

  /** Published tokenizers have at most six. */
  private static final int MAX_STEPS = 16;

  private static final int MAX_CONTENT = 32;

  /** What the replacements of a published tokenizer multiply a text by at most is 3. */
  private static final double MAX_GROWTH = 32;

  private static final ImmutableSet<String> REPEATABLE =
      ImmutableSet.of("Replace", "NFC", "NFD", "NFKC", "NFKD", "Strip", "StripAccents");

  private final ImmutableList.Builder<TextLimits.Step> steps = ImmutableList.builder();
  private final Set<String> seen = new HashSet<>();
  private double growth = 1;
  private boolean removesWords;
  private boolean replacesWords;
  private boolean removesOthers;

  /**
   * @param steps what the normalizers do to a text
   * @param removal what they may remove from it
   */
  record Normalization(ImmutableList<TextLimits.Step> steps, Removal removal) {}

  /** What normalizers may remove. */
  enum Removal {
    /** No character without another in its place. */
    NOTHING,

    /** White space, accents, control characters; never the letters and digits of ASCII. */
    SOME,

    /** Any character. */
    ANY
  }

  static Normalization check(List<Component> normalizers) {
    NormalizerRules rules = new NormalizerRules();
    if (normalizers.size() > MAX_STEPS) {
      throw normalizers
          .get(MAX_STEPS)
          .refused("is one of " + normalizers.size() + " steps; at most 16 are supported");
    }
    for (int i = 0; i < normalizers.size(); i++) {
      Component step = normalizers.get(i);
      if (!rules.seen.add(step.type()) && !REPEATABLE.contains(step.type())) {
        throw step.refused("stands there twice, which is not supported");
      }
      if (step.type().equals("ByteLevel") && i + 1 < normalizers.size()) {
        throw step.refused("is not the last step, which is not supported");
      }
      rules.step(step);
    }
    return new Normalization(
        rules.steps.build(),
        rules.removesWords || (rules.replacesWords && rules.removesOthers)
            ? Removal.ANY
            : rules.removesOthers ? Removal.SOME : Removal.NOTHING);
  }

  private void step(Component step) {
    switch (step.type()) {
      case "NFC", "NFD", "NFKC", "NFKD" ->
          steps.add(TextLimits.form(Normalizer.Form.valueOf(step.type())));
      case "Lowercase" -> steps.add(TextLimits.grow(1, 1.5));
      case "ByteLevel" -> steps.add(TextLimits.grow(2, 2));
      case "Nmt", "Strip", "StripAccents" -> {
        removesOthers = true;
        steps.add(TextLimits.grow(1, 1));
      }
      case "BertNormalizer" -> {
        removesOthers = true;
        boolean accents = step.node().path("strip_accents").asBoolean(step.flag("lowercase"));
        boolean lowercase = step.flag("lowercase");
        // What gets blanks around it, three bytes or more, neither decomposes nor has cases.
        double spaced = step.flag("handle_chinese_chars") ? 5.0 / 3 : 1;
        double others = (accents ? 3 : 1) * (lowercase ? 1.5 : 1);
        steps.add(TextLimits.grow(1, Math.max(spaced, others)));
      }
      case "Prepend" -> {
        if (content(step, "prepend").isEmpty()) {
          throw step.refused("prepend", "is empty, which is not supported");
        }
        steps.add(TextLimits.prepend(step.text("prepend")));
      }
      case "Replace" -> replace(step);
      case "Precompiled" -> {
        PrecompiledCharsmap map = charsmap(step);
        removesOthers = true;
        removesWords |= map.removesWords();
        multiply(step, map.asciiGrowth());
        steps.add(TextLimits.grow(map.asciiGrowth(), map.otherGrowth()));
      }
      default -> throw step.refused("is not supported");
    }
  }

  private static PrecompiledCharsmap charsmap(Component step) {
    try {
      return PrecompiledCharsmap.read(step.text("precompiled_charsmap"));
    } catch (IllegalArgumentException e) {
      throw step.refused("precompiled_charsmap", "is not a table of characters: " + e.getMessage());
    }
  }

  private void replace(Component step) {
    String content = content(step, "content");
    SplitPattern.Known known = step.pattern();
    steps.add(TextLimits.search(known));
    String literal = step.node().path("pattern").path("String").asText();
    steps.add(
        literal.isEmpty()
            ? TextLimits.replaceMatches(known.least(), content)
            : TextLimits.replace(literal, content));
    boolean words = literal.isEmpty() || literal.chars().anyMatch(NormalizerRules::isWord);
    // What becomes white space may be stripped later.
    replacesWords |= words && content.chars().noneMatch(NormalizerRules::isWord);
    removesWords |= words && content.isEmpty();
    removesOthers |= content.isEmpty();
    multiply(step, (double) content.length() / known.least());
  }

  private static boolean isWord(int character) {
    return character < 0x80 && Character.isLetterOrDigit(character);
  }

  private static String content(Component step, String field) {
    String content = step.text(field);
    if (content.length() > MAX_CONTENT) {
      throw step.refused(
          field,
          "has " + content.length() + " characters; at most " + MAX_CONTENT + " are supported");
    }
    return content;
  }

  private void multiply(Component step, double factor) {
    growth *= Math.max(1, factor);
    if (growth > MAX_GROWTH) {
      throw step.refused(
          "together with the steps before it could make a text "
              + (long) growth
              + " times as long; at most "
              + (long) MAX_GROWTH
              + " times is supported");
    }
  }
}
