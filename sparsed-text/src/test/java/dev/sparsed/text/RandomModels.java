package dev.sparsed.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Random models of every kind with their vocabularies, and random added tokens. */
class RandomModels extends RandomValues {

  private static final String[][] MERGES = {
    {"a", "b"}, {"ab", "a"}, {"a", "a"}, {"\u2581", "a"}, {"Ġ", "a"}
  };

  RandomModels(long seed) {
    super(seed);
  }

  ObjectNode model() {
    ObjectNode model = typed(pick("BPE", "BPE", "WordPiece", "WordLevel", "Unigram"));
    String unknown = chance(0.03) ? "nowhere" : "<unk>";
    return switch (model.path("type").asText()) {
      case "Unigram" -> unigram(model);
      case "WordLevel" -> {
        vocabulary(model, "");
        yield model.put("unk_token", unknown);
      }
      case "WordPiece" -> {
        vocabulary(model, "##");
        yield model
            .put("unk_token", unknown)
            .put("continuing_subword_prefix", "##")
            .put("max_input_chars_per_word", number(100));
      }
      default -> bytePairs(model, unknown);
    };
  }

  private ObjectNode unigram(ObjectNode model) {
    if (!odd()) {
      model.put("unk_id", number(0));
    }
    model.put("byte_fallback", flag());
    ArrayNode pieces = model.putArray("vocab");
    for (String token : tokens("")) {
      pieces.addArray().add(token).add(-10 * random.nextDouble());
    }
    if (odd()) {
      pieces.addArray().add(text()).add(1e300 * random.nextGaussian());
    }
    if (odd()) {
      pieces.addArray().add(text()).add(text());
    }
    return model;
  }

  private ObjectNode bytePairs(ObjectNode model, String unknown) {
    String prefix = chance(0.15) ? text() : "";
    ObjectNode vocabulary = vocabulary(model, prefix);
    model.putNull("dropout");
    if (odd()) {
      model.put("dropout", random.nextDouble() * 2);
    }
    model.put("unk_token", chance(0.5) ? null : unknown);
    model.put("continuing_subword_prefix", prefix.isEmpty() ? null : prefix);
    model.put("end_of_word_suffix", chance(0.15) ? text() : null);
    model.put("fuse_unk", flag()).put("byte_fallback", flag()).put("ignore_merges", flag());
    ArrayNode merges = model.putArray("merges");
    for (String[] pair : MERGES) {
      String second = prefix + pair[1];
      boolean known =
          vocabulary.has(pair[0]) && vocabulary.has(second) && vocabulary.has(pair[0] + pair[1]);
      if (known ? chance(0.8) : odd()) {
        merges.addArray().add(pair[0]).add(second);
      }
    }
    return model;
  }

  private ObjectNode vocabulary(ObjectNode model, String prefix) {
    ObjectNode vocabulary = model.putObject("vocab");
    int next = 0;
    int gap = odd() ? random.nextInt(50) : 1;
    for (String token : tokens(prefix)) {
      vocabulary.put(token, next);
      next += next % 7 == 3 ? gap : 1;
    }
    return vocabulary;
  }

  private Set<String> tokens(String prefix) {
    Set<String> tokens = new LinkedHashSet<>(Set.of("<unk>"));
    for (int i = 0; i < 256; i++) {
      if (chance(0.97)) {
        tokens.add(Character.toString((char) ('!' + i)));
      }
      if (chance(0.5)) {
        tokens.add(
            "<0x" + Integer.toHexString(0x100 + i).substring(1).toUpperCase(Locale.ROOT) + ">");
      }
    }
    List<String> more =
        List.of("ab", "aba", "aa", "\u2581", "\u2581a", "Ġ", "Ġa", "é", "[CLS]", "[SEP]");
    tokens.addAll(more);
    if (!prefix.isEmpty()) {
      more.forEach(token -> tokens.add(prefix + token));
      for (char c = 'a'; c <= 'z'; c++) {
        tokens.add(prefix + c);
      }
    }
    if (odd()) {
      tokens.add("a".repeat(number(5) % 100_000));
    }
    return tokens;
  }

  ArrayNode addedTokens(ObjectNode model) {
    ArrayNode tokens = JSON.createArrayNode();
    ObjectNode definition = JSON.createObjectNode();
    definition.set("model", model);
    Map<String, Integer> ids = ModelVocabulary.of(definition).ids();
    int next = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    for (String content : contents()) {
      Integer known = ids.get(content);
      int id = known != null ? known : next++;
      ObjectNode token = tokens.addObject().put("id", odd() ? id() : id);
      token.put("content", content).put("single_word", chance(0.1));
      token.put("lstrip", chance(0.2)).put("rstrip", chance(0.2));
      token.put("normalized", chance(0.3)).put("special", flag());
    }
    return tokens;
  }

  private List<String> contents() {
    Set<String> contents = new LinkedHashSet<>();
    for (int i = odd() ? 3000 : random.nextInt(5); i > 0; i--) {
      String text = text();
      boolean plain = !text.isEmpty() && chance(0.5);
      contents.add(i > 100 ? "<t" + i + ">" : plain ? text : "<" + text + ">");
    }
    return new ArrayList<>(contents);
  }
}
