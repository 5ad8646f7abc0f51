package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The roles that a checkpoint gives to special tokens, such as {@code eos_token} to {@code
 * <|endoftext|>}, from tokenizer_config.json and special_tokens_map.json.
 *
 * @param byRole token text by role, only roles that have one
 * @param additional tokens that are special without a role
 */
record SpecialTokenNames(ImmutableMap<String, String> byRole, ImmutableList<String> additional) {

  /** In the order in which Hugging Face registers them. */
  static final ImmutableList<String> ROLES =
      ImmutableList.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final String ADDITIONAL = "additional_special_tokens";

  /** A list of tokens, or tokens by names of their own. */
  private static final String EXTRA = "extra_special_tokens";

  /**
   * @param defaults tokens of roles that the files do not speak of
   */
  static SpecialTokenNames read(
      JsonNode config, JsonNode specialTokensMap, ImmutableMap<String, String> defaults) {
    // Hugging Face reads the older special_tokens_map.json, and then prefers it, only where the
    // configuration does not yet list its added tokens itself.
    boolean mapWins = !config.has("added_tokens_decoder");
    Map<String, String> byRole = new LinkedHashMap<>();
    for (String role : ROLES) {
      String fromConfig = content(config.path(role));
      String fromMap = mapWins ? content(specialTokensMap.path(role)) : null;
      boolean open = !config.has(role) && !(mapWins && specialTokensMap.has(role));
      String fromFiles = fromMap != null ? fromMap : fromConfig;
      String chosen = open ? defaults.get(role) : fromFiles;
      if (chosen != null) {
        byRole.put(role, chosen);
      }
    }
    JsonNode additional =
        mapWins && specialTokensMap.has(ADDITIONAL)
            ? specialTokensMap.path(ADDITIONAL)
            : config.path(ADDITIONAL);
    ImmutableList.Builder<String> list = ImmutableList.builder();
    for (JsonNode tokens : List.of(additional, config.path(EXTRA))) {
      for (JsonNode token : tokens) {
        String text = content(token);
        if (text != null) {
          list.add(text);
        }
      }
    }
    return new SpecialTokenNames(ImmutableMap.copyOf(byRole), list.build());
  }

  ImmutableList<String> all() {
    return ImmutableList.<String>builder().addAll(byRole.values()).addAll(additional).build();
  }

  /** A token is written as plain text or as an object with its text under {@code content}. */
  private static @Nullable String content(JsonNode token) {
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() && !text.textValue().isEmpty() ? text.textValue() : null;
  }
}
