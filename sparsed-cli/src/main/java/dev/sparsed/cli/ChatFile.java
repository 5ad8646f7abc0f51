package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.text.ChatMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Writes a conversation to a file. */
final class ChatFile {

  private ChatFile() {}

  /**
   * Writes it whole or not at all.
   *
   * @param file JSON if its name ends so, otherwise text
   * @param messages the conversation
   */
  static void save(Path file, List<ChatMessage> messages) throws IOException {
    String content = file.toString().endsWith(".json") ? json(messages) : text(messages);
    WholeFile.write(file, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
  }

  private static String json(List<ChatMessage> messages) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (ChatMessage message : messages) {
      all.addObject().put("role", message.role()).put("content", message.content());
    }
    return Json.text(all) + "\n";
  }

  private static String text(List<ChatMessage> messages) {
    StringBuilder text = new StringBuilder();
    for (ChatMessage message : messages) {
      text.append(message.role()).append(": ").append(message.content()).append("\n\n");
    }
    return text.toString();
  }
}
