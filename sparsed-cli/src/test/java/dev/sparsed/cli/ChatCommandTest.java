package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations through a pipe, as a script has them. */
class ChatCommandTest {

  private static final String QUESTION =
      "Stefan lives in Orrest. Magnus keeps a goat. What does Magnus keep?";

  @TempDir private Path folder = Path.of("");

  private static Invocation chat(List<String> lines, String... options) {
    InputStream before = System.in;
    System.setIn(
        new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)));
    try {
      List<String> all = new ArrayList<>(List.of("chat", "--threads", "1"));
      all.addAll(List.of("-n", "32", "--steps", "32"));
      all.addAll(List.of(options));
      return Invocation.of(all.toArray(new String[0]));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void answersTurnsAndSavesThem() throws IOException {
    Path json = folder.resolve("chat.json");
    Path text = folder.resolve("chat.txt");
    Invocation invocation =
        chat(List.of(QUESTION, "", "/save " + json, "/save " + text, "/quit", "never said"));
    assertEquals(0, invocation.exitCode(), invocation.err());
    String answer = invocation.out().strip();
    assertFalse(answer.isEmpty(), invocation.err());
    assertEquals(1, answer.lines().count(), answer);
    JsonNode saved = new ObjectMapper().readTree(json.toFile());
    assertEquals(2, saved.size());
    assertEquals("user", saved.path(0).path("role").textValue());
    assertEquals(QUESTION, saved.path(0).path("content").textValue());
    assertEquals("assistant", saved.path(1).path("role").textValue());
    assertEquals(answer, saved.path(1).path("content").textValue());
    assertEquals("user: " + QUESTION + "\n\nassistant: " + answer + "\n\n", Files.readString(text));
  }

  @Test
  void earlierTurnsAreInViewUntilTheyAreForgotten() {
    Invocation invocation = chat(List.of(QUESTION, QUESTION, "/reset", QUESTION));
    List<Integer> inView =
        invocation
            .err()
            .lines()
            .filter(line -> line.endsWith("attention]"))
            .map(line -> Integer.valueOf(line.replaceFirst(".*s, (\\d+) tokens.*", "$1")))
            .toList();
    assertEquals(3, inView.size(), invocation.err());
    assertTrue(inView.get(1) > inView.get(0) + 15, inView.toString());
    assertEquals(inView.get(0), inView.get(2));
  }

  @Test
  void instructionsComeBeforeTheFirstTurn() throws IOException {
    Path file = folder.resolve("chat.json");
    assertEquals(0, chat(List.of("/reset", "/save " + file), "--system", "Be short.").exitCode());
    JsonNode saved = new ObjectMapper().readTree(file.toFile());
    assertEquals(1, saved.size());
    assertEquals("system", saved.path(0).path("role").textValue());
    assertEquals("Be short.", saved.path(0).path("content").textValue());
  }

  @Test
  void theMethodCanBeChanged() {
    Invocation invocation =
        chat(List.of("/method", "/method full", "/method dual-cache", QUESTION, "/method none"));
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.err().contains("method sparsed; others: "), invocation.err());
    assertTrue(invocation.err().contains("\nmethod full\nmethod dual-cache\n"), invocation.err());
    assertTrue(invocation.err().contains("unknown part 'none'"), invocation.err());
  }

  @Test
  void thePatternOfTheLastTurnIsShown() {
    Invocation invocation =
        chat(List.of("/pattern", QUESTION, "/pattern 1 2", "/pattern 4", "/pattern one"));
    assertTrue(invocation.err().contains("there is no turn yet"), invocation.err());
    assertTrue(invocation.out().contains("layer 1, head 2: "), invocation.out());
    assertTrue(invocation.err().contains("the layer must be 0 to 3 but is 4"), invocation.err());
    assertTrue(invocation.err().contains("/pattern takes a layer"), invocation.err());
  }

  @Test
  void mistakesDoNotEndTheConversation() {
    Invocation invocation =
        chat(List.of("/nothing", "/save", "/save " + folder + "/no/file", "//help", "/help"));
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.err().contains("/nothing is no command; /help"), invocation.err());
    assertTrue(invocation.err().contains("/save takes the name of a file"), invocation.err());
    assertTrue(invocation.err().contains("nor is its folder"), invocation.err());
    assertEquals(1, invocation.err().split("attention\\]", -1).length - 1, "//help is a turn");
    assertTrue(invocation.err().contains("/reset"), invocation.err());
  }

  @Test
  void whatDoesNotGoTogetherIsSaidBefore() {
    Invocation invocation = chat(List.of(QUESTION), "--json");
    assertEquals(2, invocation.exitCode());
    Invocation origin = chat(List.of(QUESTION), "--origin", "--select", "0.2");
    assertEquals(2, origin.exitCode());
    assertEquals("", origin.out());
    assertTrue(origin.err().contains("--select has no meaning for full"), origin.err());
  }
}
