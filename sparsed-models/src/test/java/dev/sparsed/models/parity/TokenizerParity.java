package dev.sparsed.models.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.ChatTemplate;
import dev.sparsed.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Compares a tokenizer with what Hugging Face's own libraries made of the same files, as written in
 * the folder's expected.json: ids, decoded texts and rendered chats, all identical.
 */
public final class TokenizerParity {

  private static final String EXPECTED = "expected.json";
  private static final List<String> ROLES = List.of("mask", "bos", "eos", "pad");

  private final Path folder;
  private final Tokenizer tokenizer;
  private final List<String> failures = new ArrayList<>();
  private int checks;

  private TokenizerParity(Path folder, Tokenizer tokenizer) {
    this.folder = folder;
    this.tokenizer = tokenizer;
  }

  /** The tokenizer folders of a goldens directory, in order; none if it has none. */
  public static List<Path> folders(Path goldens) throws IOException {
    Path tokenizers = goldens.resolve("tokenizers");
    if (!Files.isDirectory(tokenizers)) {
      return List.of();
    }
    try (var children = Files.list(tokenizers)) {
      return children.filter(Files::isDirectory).sorted().toList();
    }
  }

  /**
   * Checks every entry of a folder.
   *
   * @param folder tokenizer files with an expected.json beside them
   * @return how many comparisons were made, at least one
   * @throws AssertionError naming every entry that differs or is not understood
   */
  public static int check(Path folder) throws IOException {
    JsonNode expected = new ObjectMapper().readTree(folder.resolve(EXPECTED).toFile());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      TokenizerParity parity = new TokenizerParity(folder, tokenizer);
      parity.run(expected);
      if (parity.checks == 0) {
        parity.failures.add("nothing to check");
      }
      if (!parity.failures.isEmpty()) {
        throw new AssertionError(
            folder.resolve(EXPECTED)
                + ": "
                + parity.failures.size()
                + " of "
                + parity.checks
                + " comparisons fail:\n"
                + String.join("\n", parity.failures));
      }
      return parity.checks;
    }
  }

  private void run(JsonNode expected) {
    for (Iterator<String> names = expected.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      JsonNode value = expected.path(name);
      String role = name.replaceAll("_(token|id)$", "");
      switch (name) {
        case "origin" -> {}
        case "encode" -> each(name, value, this::encode);
        case "chat" -> each(name, value, this::chat);
        default -> {
          if (!ROLES.contains(role) || role.equals(name)) {
            failures.add("unknown key " + name);
          } else if (name.endsWith("_id")) {
            compare(name, OptionalInt.of(value.intValue()), id(role));
          } else {
            compare(name, id(role), tokenizer.tokenId(value.textValue()));
          }
        }
      }
    }
  }

  private OptionalInt id(String role) {
    return switch (role) {
      case "mask" -> tokenizer.maskId();
      case "bos" -> tokenizer.beginOfTextId();
      case "eos" -> tokenizer.endOfTextId();
      default -> tokenizer.paddingId();
    };
  }

  private interface Check {
    void run(String where, JsonNode entry);
  }

  private void each(String name, JsonNode entries, Check check) {
    if (!entries.isArray()) {
      failures.add(name + " is not a list");
    }
    for (int i = 0; i < entries.size(); i++) {
      String where = name + "[" + i + "]";
      try {
        check.run(where, entries.path(i));
      } catch (RuntimeException e) {
        checks++;
        failures.add(where + " throws " + e);
      }
    }
  }

  private void encode(String where, JsonNode entry) {
    keys(where, entry, Set.of("text", "ids"), Set.of("decoded", "decoded_skip_special"));
    int[] ids = new ObjectMapper().convertValue(entry.path("ids"), int[].class);
    int[] actual = tokenizer.encode(entry.path("text").textValue(), Tokenizer.SpecialTokens.ADD);
    compare(where + ".ids", Arrays.toString(ids), Arrays.toString(actual));
    if (entry.has("decoded")) {
      compare(where + ".decoded", entry.path("decoded").textValue(), tokenizer.decode(ids, false));
    }
    if (entry.has("decoded_skip_special")) {
      compare(
          where + ".decoded_skip_special",
          entry.path("decoded_skip_special").textValue(),
          tokenizer.decode(ids, true));
    }
  }

  private void chat(String where, JsonNode entry) {
    keys(where, entry, Set.of("messages", "add_generation_prompt", "rendered"), Set.of());
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : entry.path("messages")) {
      keys(where + ".messages", message, Set.of("role", "content"), Set.of());
      messages.add(
          new ChatMessage(message.path("role").textValue(), message.path("content").textValue()));
    }
    ChatTemplate template =
        tokenizer
            .chatTemplate()
            .orElseThrow(() -> new IllegalStateException("no chat template in " + folder));
    compare(
        where,
        entry.path("rendered").textValue(),
        template.render(messages, entry.path("add_generation_prompt").booleanValue()));
  }

  private void keys(String where, JsonNode entry, Set<String> needed, Set<String> possible) {
    for (Iterator<String> names = entry.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!needed.contains(name) && !possible.contains(name)) {
        failures.add(where + " has the unknown key " + name);
      }
    }
    for (String name : needed) {
      if (!entry.has(name)) {
        failures.add(where + " lacks " + name);
      }
    }
  }

  private void compare(String where, Object expected, Object actual) {
    checks++;
    if (!expected.equals(actual)) {
      failures.add(where + ": expected " + expected + "\n  but was " + actual);
    }
  }
}
