package dev.sparsed.text.internal.jinja;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Compares with what Python gives; the resources' README tells how the expected texts are made. */
final class TemplateCorpusTest {

  private static final Path CORPUS = Path.of("src/test/resources/templates");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
      new TypeReference<>() {};
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-07-04T09:05:00Z"), ZoneOffset.UTC);

  @Test
  void rendersTemplatesOfManyFamiliesAsPythonDoes() throws IOException {
    assertTrue(compare(CORPUS) > 400);
  }

  @Test
  @EnabledIfSystemProperty(named = "sparsed.templates", matches = ".+")
  void rendersAnotherFoldersTemplatesAsPythonDoes() throws IOException {
    assertTrue(compare(Path.of(System.getProperty("sparsed.templates"))) > 0);
  }

  @Test
  void rendersSnippetsAsPythonDoes() throws IOException {
    JsonNode snippets = JSON.readTree(CORPUS.resolve("snippets.json").toFile());
    Map<String, @Nullable Object> variables = JSON.convertValue(snippets.path("variables"), OBJECT);
    List<String> differences = new ArrayList<>();
    List<JsonNode> expected = lines(CORPUS.resolve("expected-snippets.jsonl"));
    assertEquals(snippets.path("templates").size(), expected.size());
    for (JsonNode line : expected) {
      String template = line.path("template").textValue();
      String difference = difference(template, variables, line);
      if (!difference.isEmpty()) {
        differences.add(template + difference);
      }
    }
    assertEquals(List.of(), differences);
  }

  @Test
  void rendersAMillionCharactersOfConversationWithinTheBudget() throws IOException {
    String turn = "Words of a long conversation. ".repeat(167);
    List<Map<String, String>> messages = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      messages.add(Map.of("role", i % 2 == 0 ? "user" : "assistant", "content", turn));
    }
    Map<String, @Nullable Object> variables = variables(JSON.createObjectNode());
    variables.put("messages", messages);
    variables.put("add_generation_prompt", true);
    try (Stream<Path> files = Files.list(CORPUS)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".jinja")).toList()) {
        String text = JinjaTemplate.parse(Files.readString(file)).render(variables, CLOCK);
        assertTrue(text.length() > 1_000_000, file.toString());
      }
    }
  }

  /** Renders a folder's templates and returns how many cases were compared. */
  private static int compare(Path folder) throws IOException {
    Map<String, Map<String, @Nullable Object>> conversations = new HashMap<>();
    for (JsonNode conversation : JSON.readTree(folder.resolve("conversations.json").toFile())) {
      conversations.put(conversation.path("name").textValue(), variables(conversation));
    }
    List<String> differences = new ArrayList<>();
    List<JsonNode> expected = lines(folder.resolve("expected.jsonl"));
    for (JsonNode line : expected) {
      String file = line.path("template").textValue();
      String name = line.path("conversation").textValue();
      Map<String, @Nullable Object> variables = requireNonNull(conversations.get(name), name);
      String difference = difference(Files.readString(folder.resolve(file)), variables, line);
      if (!difference.isEmpty()) {
        differences.add(file + ", " + name + difference);
      }
    }
    assertEquals(List.of(), differences);
    return expected.size();
  }

  private static Map<String, @Nullable Object> variables(JsonNode conversation) {
    Map<String, @Nullable Object> variables = new HashMap<>();
    variables.put("bos_token", "<s>");
    variables.put("eos_token", "</s>");
    variables.put("unk_token", "<unk>");
    variables.put("pad_token", "<pad>");
    variables.put("documents", null);
    Map<String, @Nullable Object> all = JSON.convertValue(conversation, OBJECT);
    for (String name : List.of("messages", "tools", "add_generation_prompt")) {
      variables.put(name, all.get(name));
    }
    if (conversation.has("variables")) {
      variables.putAll(JSON.convertValue(conversation.path("variables"), OBJECT));
    }
    return variables;
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** Nothing if ours gives the same text, or fails where Python does. */
  private static String difference(
      String template, Map<String, @Nullable Object> variables, JsonNode expected) {
    String python = expected.path("text").textValue();
    try {
      String ours = JinjaTemplate.parse(template).render(variables, CLOCK);
      return ours.equals(python)
          ? ""
          : "\n  ours:   " + ours + "\n  Python: " + (python == null ? "fails" : python);
    } catch (JinjaException e) {
      return python == null ? "" : "\n  ours:   " + e.getMessage() + "\n  Python: " + python;
    }
  }
}
