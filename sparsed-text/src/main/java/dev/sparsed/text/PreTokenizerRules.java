package dev.sparsed.text;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which pre-tokenizers may follow each other, and what they cost. */
final class PreTokenizerRules {

  /** Published tokenizers have at most eight. */
  private static final int MAX_STEPS = 16;

  /** What cutting a text into its characters costs per byte. */
  private static final double STEP_WORK = 30;

  private PreTokenizerRules() {}

  static ImmutableList<TextLimits.Step> check(List<Component> preTokenizers) {
    ImmutableList.Builder<TextLimits.Step> steps = ImmutableList.builder();
    Set<String> rewriters = new HashSet<>();
    if (preTokenizers.size() > MAX_STEPS) {
      throw preTokenizers
          .get(MAX_STEPS)
          .refused("is one of " + preTokenizers.size() + " steps; at most 16 are supported");
    }
    for (int i = 0; i < preTokenizers.size(); i++) {
      Component step = preTokenizers.get(i);
      boolean first = i == 0;
      steps.add(TextLimits.work(STEP_WORK));
      switch (step.type()) {
        case "Split" -> steps.add(TextLimits.search(step.pattern()));
        case "ByteLevel" -> {
          once(step, rewriters);
          if (step.flag("add_prefix_space")) {
            steps.add(prefix(first, " "));
          }
          if (step.node().path("use_regex").asBoolean(true)) {
            steps.add(TextLimits.search(SplitPattern.check(PublishedPatterns.GPT2)));
          }
          steps.add(TextLimits.grow(1, 1)); // doubles at most, which MAX_BYTES allows for
        }
        case "Metaspace" -> {
          once(step, rewriters);
          String blank = step.text("replacement");
          boolean never =
              step.text("prepend_scheme").equals("never")
                  || !step.node().path("add_prefix_space").asBoolean(true);
          TextLimits.Step blanks = TextLimits.replace(" ", blank);
          steps.add(never ? blanks : TextLimits.apart(blanks, prefix(first, blank)));
        }
        default -> {}
      }
    }
    return steps.build();
  }

  /** Those that change the text they split. Each use makes it longer. */
  private static void once(Component step, Set<String> rewriters) {
    if (!rewriters.isEmpty()) {
      throw step.refused(
          "stands behind another " + rewriters.iterator().next() + ", which is not supported");
    }
    rewriters.add(step.type());
  }

  private static TextLimits.Step prefix(boolean first, String prefix) {
    return first ? TextLimits.prepend(prefix) : TextLimits.prependToWords(prefix);
  }
}
