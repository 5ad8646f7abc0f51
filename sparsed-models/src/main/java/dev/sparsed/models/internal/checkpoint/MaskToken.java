package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.text.internal.Quoted;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which token stands for what is still to be generated. Three files may say so, {@code
 * config.json}, {@code generation_config.json} and the tokenizer's, and a model that is fed another
 * token than the one it was trained with answers nonsense: the files must agree before a model is
 * made of them.
 */
final class MaskToken {
  /** Masks of other models, which only count among the added tokens. */
  private static final ImmutableSet<String> OTHERS =
      ImmutableSet.of("<|MASK|>", "|<MASK>|", "<mask>", "[MASK]");

  private static final String FIELD = "mask_token_id";

  private MaskToken() {}

  /**
   * The names that a mask may have, that which the tokenizer's files call so and the family's
   * first.
   */
  static ImmutableSet<String> names(Optional<String> named, Set<String> ofFamily) {
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    named.ifPresent(names::add);
    return names.addAll(ofFamily).addAll(published()).addAll(OTHERS).build();
  }

  /** The masks of the families' models, in whatever part of the tokenizer they stand. */
  static ImmutableSet<String> published() {
    return ModelFamily.installed().stream()
        .flatMap(family -> family.maskNames().stream())
        .collect(ImmutableSet.toImmutableSet());
  }

  /**
   * The mask token's id.
   *
   * @param fields the configuration
   * @param family the family, whose published mask is believed where nothing contradicts
   * @param rows ids that the model knows
   * @param sources what the other files say
   */
  static int of(JsonFields fields, ModelFamily family, int rows, Sources sources) {
    OptionalInt stated = stated(fields, rows);
    OptionalInt generation =
        sources.generationMask().filter(id -> id < rows).stream()
            .mapToInt(Integer::intValue)
            .findFirst();
    ImmutableMap<String, Integer> masks = sources.tokenizer().masks(family.maskNames());
    if (stated.isPresent() || generation.isPresent()) {
      int mask = stated.orElseGet(generation::getAsInt);
      if (generation.isPresent() && generation.getAsInt() != mask) {
        fields.conflict(
            String.format(
                Locale.ROOT,
                "%s is %d, but generation_config.json says %d; correct the wrong one",
                FIELD,
                mask,
                generation.getAsInt()));
      }
      if (!masks.isEmpty() && !masks.containsValue(mask)) {
        fields.conflict(
            String.format(
                Locale.ROOT,
                "%s is %d%s, but the tokenizer's mask token is %s; config.json and tokenizer do not belong together, or one of them is wrong",
                FIELD,
                mask,
                name(sources.tokenizer(), mask),
                shown(masks)));
      }
      return mask;
    }
    if (!masks.isEmpty()) {
      int mask = masks.values().iterator().next();
      if (mask < 0 || mask >= rows) {
        fields.refuse(
            String.format(
                Locale.ROOT,
                "%s is missing, and the tokenizer's mask token %s is beyond the %d tokens that the model knows",
                FIELD,
                shown(masks),
                rows));
        return 0;
      }
      return mask;
    }
    OptionalInt published = family.publishedMask();
    if (published.isEmpty() || published.getAsInt() >= rows) {
      fields.refuse(
          FIELD
              + " is missing and the tokenizer names no mask token, as with models that write one token after the other; if this is a diffusion model, add it to config.json with the id that it was trained with");
      return 0;
    }
    int mask = published.getAsInt();
    if (sources.tokenizer().isWord(mask)) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "%s is missing, and the published %d%s is an ordinary token of this tokenizer; add the field with the id that the model was trained with",
              FIELD,
              mask,
              name(sources.tokenizer(), mask)));
    }
    return mask;
  }

  /** Some files write -1 where they mean none. */
  private static OptionalInt stated(JsonFields fields, int rows) {
    OptionalInt stated = fields.optionalInteger(FIELD, -1, Integer.MAX_VALUE);
    if (stated.isPresent() && stated.getAsInt() >= rows) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "%s is %d, but the model knows the ids 0 to %d",
              FIELD,
              stated.getAsInt(),
              rows - 1));
    }
    return stated.isPresent() && stated.getAsInt() < 0 ? OptionalInt.empty() : stated;
  }

  private static String name(TokenizerFacts tokenizer, int id) {
    return tokenizer.token(id).map(token -> " (" + Quoted.of(token) + ")").orElse("");
  }

  private static String shown(ImmutableMap<String, Integer> masks) {
    return Listing.of(
        masks.entrySet().stream()
            .map(mask -> mask.getValue() + " (" + Quoted.of(mask.getKey()) + ")")
            .collect(ImmutableList.toImmutableList()),
        " or ");
  }

  /**
   * What other files than {@code config.json} say of the mask.
   *
   * @param tokenizer the tokenizer's files
   * @param generationMask {@code generation_config.json}, empty where it says nothing
   */
  record Sources(TokenizerFacts tokenizer, Optional<Integer> generationMask) {
    static final Sources NONE = new Sources(TokenizerFacts.NONE, Optional.empty());
  }
}
