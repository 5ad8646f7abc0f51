package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@link TokenizerFacts} from a tokenizer's files without building a tokenizer, which takes
 * far longer and is refused for more reasons. The large files are streamed.
 */
final class TokenizerFactsReader {
  private static final long LONGEST_FILE = 64L << 20;
  private static final String CONFIG_FILE = "tokenizer_config.json";
  private static final String SPECIAL_TOKENS_FILE = "special_tokens_map.json";
  private static final String ADDED_TOKENS_FILE = "added_tokens.json";
  private static final String DEFINITION_FILE = "tokenizer.json";
  private static final String VOCABULARY_FILE = "vocab.json";
  private static final String TOKENS_OF_CONFIG = "added_tokens_decoder";
  private static final String MASK_ROLE = "mask_token";

  /** A vocabulary has a hundred thousand names, each once: nothing is gained by a table of them. */
  private static final JsonMapper MAPPER =
      new JsonMapper(
          JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build());

  private final Path folder;
  private final Set<Integer> wantedIds;
  private final Set<String> wantedNames = new HashSet<>();
  private final Map<String, Integer> added = new LinkedHashMap<>();
  private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
  private Optional<String> maskName = Optional.empty();
  private Optional<String> strange = Optional.empty();

  TokenizerFactsReader(Path folder, Set<Integer> wantedIds) {
    this.folder = folder;
    this.wantedIds = wantedIds;
  }

  TokenizerFacts read() {
    Optional<String> problem = Optional.empty();
    try {
      readAll();
    } catch (CheckpointException e) {
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    return new TokenizerFacts(
        ImmutableMap.copyOf(added),
        ImmutableMap.copyOf(vocabulary),
        maskName,
        problem.or(() -> strange));
  }

  /** Of a token that several files name, the first of them decides on the id. */
  private void readAll() {
    ObjectNode config = object(CONFIG_FILE);
    // Hugging Face reads the older files only where the newer one does not list its tokens.
    boolean listsTokens = config.path(TOKENS_OF_CONFIG).isObject();
    if (!listsTokens) {
      maskName = mask(SPECIAL_TOKENS_FILE, object(SPECIAL_TOKENS_FILE));
    }
    maskName = maskName.or(() -> mask(CONFIG_FILE, config));
    wantedNames.addAll(MaskToken.names(maskName, Set.of()));
    wantedNames.add(FolderConfig.EXPAND);
    for (Map.Entry<String, JsonNode> token : config.path(TOKENS_OF_CONFIG).properties()) {
      content(token.getValue()).ifPresent(name -> add(name, token.getKey()));
    }
    if (FileFailure.isPresent(folder.resolve(DEFINITION_FILE))) {
      stream(DEFINITION_FILE, this::readDefinition);
    } else if (FileFailure.isPresent(folder.resolve(VOCABULARY_FILE))) {
      stream(VOCABULARY_FILE, this::readVocabulary);
    }
    if (!listsTokens) {
      object(ADDED_TOKENS_FILE)
          .properties()
          .forEach(token -> add(token.getKey(), token.getValue().asText()));
    }
  }

  private Optional<String> mask(String file, ObjectNode json) {
    JsonNode token = json.path(MASK_ROLE);
    JsonNode text = token.isObject() ? token.path("content") : token;
    if (!text.isTextual() && !text.isNull() && !token.isMissingNode()) {
      strange =
          Optional.of(
              String.format(
                  Locale.ROOT,
                  "%s must be the text of a token in %s but is %s",
                  MASK_ROLE,
                  folder.resolve(file),
                  JsonFields.shown(token)));
    }
    return content(token);
  }

  private void readDefinition(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      if (field.equals("added_tokens") && parser.isExpectedStartArrayToken()) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          JsonNode token = MAPPER.readTree(parser);
          content(token).ifPresent(name -> add(name, token.path("id").asText()));
        }
      } else if (field.equals("model") && parser.isExpectedStartObjectToken()) {
        readModel(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readModel(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isVocabulary = parser.currentName().equals("vocab");
      parser.nextToken();
      if (isVocabulary && parser.isExpectedStartObjectToken()) {
        readVocabulary(parser);
      } else if (isVocabulary && parser.isExpectedStartArrayToken()) {
        readPieces(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  /** The tokens of an object whose beginning was read, up to its end. */
  private void readVocabulary(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        parser.skipChildren();
        continue;
      }
      long id = parser.getLongValue();
      if (id == (int) id) {
        keep(name, (int) id);
      }
    }
  }

  /** The tokens of a list of pairs of a token and its score, numbered in their order. */
  private void readPieces(JsonParser parser) throws IOException {
    for (int id = 0; parser.nextToken() != JsonToken.END_ARRAY; id++) {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        parser.skipChildren();
        continue;
      }
      String name = parser.nextTextValue();
      if (name != null) {
        keep(name, id);
      }
      while (parser.currentToken() != JsonToken.END_ARRAY) {
        parser.nextToken();
        parser.skipChildren();
      }
    }
  }

  private void keep(String name, int id) {
    if (wantedNames.contains(name) || wantedIds.contains(id)) {
      vocabulary.putIfAbsent(name, id);
    }
  }

  private interface Content {
    /** Reads the rest of an object whose beginning was read. */
    void read(JsonParser parser) throws IOException;
  }

  private void stream(String name, Content content) {
    Path file = folder.resolve(name);
    try {
      if (Files.size(file) > LONGEST_FILE) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT, "%s is longer than the %d bytes that are read", file, LONGEST_FILE));
      }
      try (JsonParser parser = MAPPER.createParser(Files.newInputStream(file))) {
        if (parser.nextToken() == JsonToken.START_OBJECT) {
          content.read(parser);
        }
      }
    } catch (JacksonException e) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is not valid JSON: %s",
              file,
              Impostor.in(file).orElseGet(() -> Quoted.of(e.getOriginalMessage()))),
          e);
    } catch (IOException e) {
      throw FileFailure.unreadable(file, e);
    }
  }

  private ObjectNode object(String name) {
    return JsonFiles.readIfPresent(folder.resolve(name), Checkpoint.LONGEST_CONFIG)
        .orElseGet(JsonNodeFactory.instance::objectNode);
  }

  /** A token is written as plain text or as an object with its text under {@code content}. */
  private static Optional<String> content(JsonNode token) {
    JsonNode text = token.isObject() ? token.path("content") : token;
    return Optional.ofNullable(text.textValue()).filter(name -> !name.isEmpty());
  }

  private void add(String name, String id) {
    try {
      added.putIfAbsent(name, Integer.parseInt(id));
    } catch (NumberFormatException e) {
      // The tokenizer says what is wrong with itself where it is used.
      return;
    }
  }
}
