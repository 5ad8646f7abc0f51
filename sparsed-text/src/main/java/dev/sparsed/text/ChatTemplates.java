package dev.sparsed.text;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.text.internal.Quoted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The chat templates of a checkpoint folder: chat_template.jinja, or {@code chat_template} of
 * tokenizer_config.json, which is one template or a list of named ones. A template is parsed when
 * it is asked for, so that a broken one does not keep the tokenizer from loading.
 *
 * @param sources template texts by name
 * @param origins the file of each, for messages
 * @param specialTokens what templates see as {@code bos_token}, {@code eos_token} and so on
 */
record ChatTemplates(
    ImmutableMap<String, String> sources,
    ImmutableMap<String, String> origins,
    SpecialTokenNames specialTokens) {

  static final String DEFAULT = "default";
  static final String FILE = "chat_template.jinja";
  private static final String FIELD = "chat_template";

  static ChatTemplates read(TokenizerFolder folder, JsonNode config, SpecialTokenNames names) {
    Map<String, String> sources = new LinkedHashMap<>();
    Map<String, String> origins = new LinkedHashMap<>();
    String configFile = folder.path(Tokenizer.CONFIG_FILE).toString();
    JsonNode field = config.path(FIELD);
    if (field.isTextual()) {
      sources.put(DEFAULT, field.textValue());
      origins.put(DEFAULT, configFile);
    } else if (!field.isArray() && !field.isNull() && !field.isMissingNode()) {
      throw new TokenizerException(
          configFile
              + ": chat_template is neither a text nor a list of named ones; download the"
              + " checkpoint again");
    }
    for (JsonNode named : field) {
      JsonNode name = named.path("name");
      JsonNode template = named.path("template");
      if (!name.isTextual() || !template.isTextual()) {
        throw new TokenizerException(
            configFile + ": chat_template lists an entry without a name and a template");
      }
      sources.put(name.textValue(), template.textValue());
      origins.put(name.textValue(), configFile);
    }
    if (folder.has(FILE)) {
      sources.put(DEFAULT, folder.text(FILE));
      origins.put(DEFAULT, folder.path(FILE).toString());
    }
    return new ChatTemplates(ImmutableMap.copyOf(sources), ImmutableMap.copyOf(origins), names);
  }

  /**
   * The template to use where none is asked for by name.
   *
   * @throws TokenizerException if there are templates and none of them is the default: a prompt
   *     that no template made would be nothing that the model knows
   */
  Optional<ChatTemplate> standard() {
    if (!sources.isEmpty() && !sources.containsKey(DEFAULT)) {
      String file = String.valueOf(origins.values().iterator().next());
      throw new TokenizerException(
          file
              + ": chat_template lists "
              + sources.keySet().stream().limit(20).map(Quoted::of).collect(joining(", "))
              + " and no template named default; ask for one of them by name, or call one of them"
              + " default");
    }
    return get(DEFAULT);
  }

  Optional<ChatTemplate> get(String name) {
    String source = sources.get(name);
    if (source == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ChatTemplate.parse(source, specialTokens.byRole()));
    } catch (ChatTemplateException e) {
      throw new TokenizerException(
          origins.get(name) + ": the chat template cannot be used: " + e.getMessage(), e);
    }
  }
}
