package dev.sparsed.cli;

import com.google.common.base.CaseFormat;
import com.google.common.collect.ImmutableSetMultimap;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Says in messages of the library, which name what a Java program sets, the options that a user of
 * the command line gives.
 */
final class OptionWords {

  /** What the library calls some of them. */
  private static final ImmutableSetMultimap<String, String> LIBRARY =
      ImmutableSetMultimap.<String, String>builder()
          .putAll("--seq_len", "generationLength", "the generation length")
          .put("--gen_len", "generationLength")
          .put("--cfg_scale", "guidance")
          .put("--alg_temp", "algorithmTemperature")
          .put("--window", "windowBlocks")
          .put("--sinks", "sinkBlocks")
          .put("--kv_heads", "kvHeads")
          .put("--dim", "headDimension")
          .putAll("--seq", "queryLength", "keyLength")
          .put("--warmups", "warm-up runs")
          .put("--warmup_steps", "the steps of a warm-up")
          .put("--block_size", "the block size")
          .put("--threads", "the threads")
          .put("--rotary_base", "the rotary base")
          .put("--rotary_factor", "the rotary factor")
          .put("--gen_len", "the generation")
          .build();

  /** Longer words first, as some hold others. */
  private final Map<String, String> optionOf =
      new TreeMap<>(Comparator.comparingInt(String::length).reversed().thenComparing(w -> w));

  private OptionWords() {}

  /** The words of a command's own options. */
  static OptionWords of(CommandSpec command) {
    OptionWords words = new OptionWords();
    for (OptionSpec option : command.options()) {
      String name = option.longestName();
      String plain = name.replaceFirst("^--", "").replace('-', '_');
      words.optionOf.putIfAbsent(plain, name);
      words.optionOf.putIfAbsent(
          CaseFormat.LOWER_UNDERSCORE.to(CaseFormat.LOWER_CAMEL, plain), name);
      LIBRARY.get(name).forEach(word -> words.optionOf.putIfAbsent(word, name));
    }
    return words;
  }

  /**
   * The message with options in the place of what they set. A word of the language, such as "runs",
   * is taken for an option only where the message says what it must be.
   */
  String in(String message) {
    String text = message;
    for (Map.Entry<String, String> word : optionOf.entrySet()) {
      boolean isName = !word.getKey().matches("[a-z -]+");
      text =
          Pattern.compile(
                  "(?<![\\w-])"
                      + Pattern.quote(word.getKey())
                      + (isName ? "(?![\\w-])" : "(?= must )"))
              .matcher(text)
              .replaceAll(Matcher.quoteReplacement(word.getValue()));
    }
    return text;
  }
}
