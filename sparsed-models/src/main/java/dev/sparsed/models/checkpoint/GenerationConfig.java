package dev.sparsed.models.checkpoint;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.Quoted;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the published code generates with a checkpoint when its caller asks for nothing particular.
 *
 * <p>Dream's published code takes its sampling defaults from {@code config.json}, where absent
 * fields have Hugging Face's defaults (temperature 1, top-k 50, top-p 1), and not from {@code
 * generation_config.json}; so does this. Special tokens are looked up in {@code config.json} first.
 * LLaDA's generation code has its defaults in itself.
 *
 * @param maskToken id of the mask token
 * @param endTokens ids of the tokens that end a text, possibly none: those of the configuration
 *     first, then of the tokenizer's added tokens those that end a turn
 * @param padToken id of the padding token
 * @param beginToken id of the token that begins a text
 * @param temperature of the sampling, 0 for the most likely token
 * @param topK how many of the most likely tokens are sampled from, empty for all
 * @param topP the share of probability that the sampled tokens make up, at most 1; empty for all
 * @param algorithm which tokens are committed in a step: Dream {@code origin}, LLaDA {@code
 *     low_confidence}
 * @param algorithmTemperature randomness in the choice of committed tokens, empty for none
 * @param epsilon where Dream's time steps end, between 0 and 1
 * @param steps denoising steps
 */
public record GenerationConfig(
    int maskToken,
    List<Integer> endTokens,
    OptionalInt padToken,
    OptionalInt beginToken,
    double temperature,
    OptionalInt topK,
    OptionalDouble topP,
    String algorithm,
    OptionalDouble algorithmTemperature,
    double epsilon,
    int steps) {

  /**
   * Added tokens that end a turn of a conversation, whatever a configuration calls the end of text.
   */
  public static final Set<String> ENDS_OF_TURN = ImmutableSet.of("<|im_end|>", "<|eot_id|>");

  /** What the published code knows, the default first. */
  private static final List<String> DREAM_ALGORITHMS =
      List.of("origin", "maskgit_plus", "topk_margin", "entropy");

  /**
   * The defaults of a checkpoint.
   *
   * @param config the architecture
   * @param fields the content of {@code config.json}
   * @param fallback the content of {@code generation_config.json}
   * @param endsOfTurn tokens of the tokenizer that end a turn of a conversation
   * @return the defaults
   * @throws CheckpointException if a field has an impossible value
   */
  static GenerationConfig of(
      ModelConfig config,
      ConfigFields fields,
      ConfigFields fallback,
      Collection<Integer> endsOfTurn) {
    int rows = config.embeddingRows();
    List<Integer> endTokens = ConfigRules.endTokens(fields, rows);
    if (endTokens.isEmpty()) {
      endTokens = ConfigRules.endTokens(fallback, rows);
    }
    OptionalInt pad =
        firstPresent(config.padToken(), ConfigRules.token(fallback, "pad_token_id", rows));
    OptionalInt begin =
        firstPresent(
            ConfigRules.token(fields, "bos_token_id", rows),
            ConfigRules.token(fallback, "bos_token_id", rows));
    boolean dream = config instanceof DreamConfig;
    GenerationConfig result =
        new GenerationConfig(
            config.maskToken(),
            Stream.concat(endTokens.stream(), endsOfTurn.stream().filter(token -> token < rows))
                .distinct()
                .toList(),
            pad,
            begin,
            dream ? fields.number("temperature", 1.0, 0) : 0.0,
            dream ? topK(fields) : OptionalInt.empty(),
            dream ? topP(fields) : OptionalDouble.empty(),
            dream ? algorithm(fields) : "low_confidence",
            dream ? fields.optionalNumber("alg_temp", 0) : OptionalDouble.empty(),
            dream ? fields.share("eps", 1e-3) : 1e-3,
            dream ? fields.integer("steps", 512, 1, Integer.MAX_VALUE) : 128);
    fields.check();
    fallback.check();
    return result;
  }

  /** An explicit null switches the limit off; an absent field has the default. */
  private static OptionalInt topK(ConfigFields fields) {
    return fields.has("top_k")
        ? fields.optionalInteger("top_k", 1, Integer.MAX_VALUE)
        : OptionalInt.of(50);
  }

  /** As top-k; the published code takes everything from 1 on for no limit. */
  private static OptionalDouble topP(ConfigFields fields) {
    if (!fields.has("top_p")) {
      return OptionalDouble.of(1);
    }
    OptionalDouble share = fields.optionalNumber("top_p", 0);
    return share.isPresent() ? OptionalDouble.of(Math.min(share.getAsDouble(), 1)) : share;
  }

  private static String algorithm(ConfigFields fields) {
    String name = fields.text("alg", DREAM_ALGORITHMS.get(0));
    if (!DREAM_ALGORITHMS.contains(name)) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "alg must be one of %s but is %s",
              String.join(", ", DREAM_ALGORITHMS),
              Quoted.of(name)));
    }
    return name;
  }

  private static OptionalInt firstPresent(OptionalInt first, OptionalInt second) {
    return first.isPresent() ? first : second;
  }
}
