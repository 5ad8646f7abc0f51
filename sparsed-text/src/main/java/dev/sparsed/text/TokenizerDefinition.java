package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a folder say about its tokenizer, read, checked and put together.
 *
 * @param json the complete definition, which native code may see
 * @param source the file to name in messages about it
 * @param ids every token's id
 * @param names the roles of special tokens
 * @param textLimits which texts may be encoded
 * @param decodedGrowth how many times as long as its tokens a decoded text is at most
 * @param cleanUpSpaces whether decoded texts lose blanks before punctuation
 */
record TokenizerDefinition(
    String json,
    String source,
    ImmutableMap<String, Integer> ids,
    SpecialTokenNames names,
    TextLimits textLimits,
    double decodedGrowth,
    boolean cleanUpSpaces) {

  private static final String SPLIT_SPECIAL_TOKENS = "split_special_tokens";

  static TokenizerDefinition read(TokenizerFolder folder, JsonNode config, JsonNode modelConfig) {
    if (config.path(SPLIT_SPECIAL_TOKENS).asBoolean(false)) {
      throw new TokenizerException(
          folder.path(Tokenizer.CONFIG_FILE)
              + ": split_special_tokens is true, which is not supported: special tokens written in"
              + " a text always become their own ids; set it to false");
    }
    JsonNode specialTokensMap = folder.objectIfPresent(Tokenizer.SPECIAL_TOKENS_FILE);
    if (folder.has(Tokenizer.DEFINITION_FILE)) {
      SpecialTokenNames names = SpecialTokenNames.read(config, specialTokensMap, ImmutableMap.of());
      String source = folder.path(Tokenizer.DEFINITION_FILE).toString();
      ObjectNode definition = folder.object(Tokenizer.DEFINITION_FILE);
      boolean cleanUp = config.path("clean_up_tokenization_spaces").asBoolean(false);
      return complete(definition, source, source, folder, config, names, null, cleanUp);
    }
    VocabularyAndMerges kind = VocabularyAndMerges.of(folder, config, modelConfig);
    SpecialTokenNames names = SpecialTokenNames.read(config, specialTokensMap, kind.defaultRoles());
    // The decode of these classes never cleans up, whatever their configuration says.
    return complete(
        kind.definition(folder, config),
        folder.path(VocabularyAndMerges.VOCABULARY_FILE).toString(),
        folder.path(VocabularyAndMerges.MERGES_FILE).toString(),
        folder,
        config,
        names,
        kind,
        false);
  }

  private static TokenizerDefinition complete(
      ObjectNode definition,
      String source,
      String mergesSource,
      TokenizerFolder folder,
      JsonNode config,
      SpecialTokenNames names,
      @Nullable VocabularyAndMerges kind,
      boolean cleanUp) {
    TokenizerCheck.Checked checked = TokenizerCheck.check(definition, source, mergesSource);
    Map<String, Integer> ids =
        AddedTokens.complete(definition, folder, config, names, kind != null);
    JsonNode added = definition.path("added_tokens");
    AddedTokenRules.check(source, added, checked.removal());
    checked
        .postProcessed()
        .forEach(
            (id, component) -> {
              if (!ids.containsValue(id)) {
                throw component.refused("adds the id " + id + ", which no token has");
              }
            });
    Integer begin = ids.get(names.byRole().getOrDefault("bos_token", ""));
    if (kind != null && begin != null) {
      kind.addBeginOfText(definition, config, names, begin);
    }
    ImmutableList.Builder<String> cuts = ImmutableList.builder();
    for (JsonNode token : added) {
      cuts.add(token.path("content").textValue());
    }
    return new TokenizerDefinition(
        definition.toString(),
        source,
        ImmutableMap.copyOf(ids),
        names,
        TextLimits.of(checked.steps(), cuts.build()),
        checked.decodedGrowth(),
        cleanUp);
  }
}
