package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.FamilyDecoding;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * How the published code generates with a checkpoint when its caller asks for nothing particular.
 * Special tokens are looked up in {@code config.json} first, then in {@code
 * generation_config.json}; of the rest the family knows where it stands.
 *
 * @param maskToken id of the mask token
 * @param endTokens ids of the tokens that end a text, possibly none: those of the configuration
 *     first, then of the tokenizer's added tokens those that end a turn
 * @param padToken id of the padding token
 * @param beginToken id of the token that begins a text
 * @param decoding how tokens are chosen and committed
 */
public record GenerationConfig(
    int maskToken,
    List<Integer> endTokens,
    OptionalInt padToken,
    OptionalInt beginToken,
    FamilyDecoding decoding) {

  /**
   * The defaults of a checkpoint.
   *
   * @param config the model
   * @param fields the content of {@code config.json}
   * @param fallback the content of {@code generation_config.json}
   * @param endsOfTurn tokens of the tokenizer that end a turn of a conversation
   * @return the defaults
   * @throws CheckpointException if a field has an impossible value
   */
  static GenerationConfig of(
      ModelConfig config, JsonFields fields, JsonFields fallback, Collection<Integer> endsOfTurn) {
    int rows = config.architecture().embeddingRows();
    List<Integer> endTokens = fields.tokens("eos_token_id", rows);
    if (endTokens.isEmpty()) {
      endTokens = fallback.tokens("eos_token_id", rows);
    }
    OptionalInt pad = firstPresent(config.tokens().pad(), fallback.token("pad_token_id", rows));
    OptionalInt begin =
        firstPresent(fields.token("bos_token_id", rows), fallback.token("bos_token_id", rows));
    GenerationConfig result =
        new GenerationConfig(
            config.maskToken(),
            Stream.concat(endTokens.stream(), endsOfTurn.stream().filter(token -> token < rows))
                .distinct()
                .toList(),
            pad,
            begin,
            decoding(config, fields));
    fields.check();
    fallback.check();
    return result;
  }

  private static FamilyDecoding decoding(ModelConfig config, JsonFields fields) {
    try {
      return config.family().decoding(fields.of(config.modelClass()), config.architecture());
    } catch (IllegalArgumentException e) {
      fields.check();
      throw fields.refusal(String.valueOf(e.getMessage()));
    }
  }

  private static OptionalInt firstPresent(OptionalInt first, OptionalInt second) {
    return first.isPresent() ? first : second;
  }
}
