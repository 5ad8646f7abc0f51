package dev.sparsed.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Reads the messages of a conversation. */
final class MessageReader {

  private static final String MESSAGES = "messages";

  private MessageReader() {}

  static List<ChatMessage> messages(JsonNode list) {
    if (!list.isArray() || list.isEmpty()) {
      throw ApiError.invalid(MESSAGES, "'messages' must be a list of at least one message");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      messages.add(message(Fields.of(list.path(i), MESSAGES + "[" + i + "]")));
    }
    return messages;
  }

  private static ChatMessage message(Fields fields) {
    String role =
        fields
            .text("role")
            .orElseThrow(
                () ->
                    ApiError.invalid(
                        fields.name("role"), "'" + fields.name("role") + "' is missing"));
    String content = content(fields.value("content"), fields.name("content"));
    for (String calls : List.of("tool_calls", "function_call", "audio")) {
      fields.refuseUnless(calls, JsonNode::isEmpty, "the model reads text only");
    }
    fields.ignore("name", "refusal", "annotations");
    fields.requireNoOthers();
    return switch (role) {
      case "system", "developer" -> ChatMessage.system(content);
      case "user" -> ChatMessage.user(content);
      case "assistant" -> ChatMessage.assistant(content);
      default ->
          throw ApiError.unsupported(
              fields.name("role"),
              "'" + fields.name("role") + "' must be system, developer, user or assistant");
    };
  }

  /** A text, or parts of type text, each on lines of its own. */
  private static String content(JsonNode content, String name) {
    if (content.isTextual()) {
      return content.textValue();
    }
    if (content.isMissingNode()) {
      return "";
    }
    if (!content.isArray()) {
      throw ApiError.invalid(name, "'" + name + "' must be a string or a list of parts");
    }
    StringJoiner text = new StringJoiner("\n");
    for (JsonNode part : content) {
      if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
        throw ApiError.unsupported(name, "'" + name + "' may hold parts of type text only");
      }
      text.add(part.path("text").textValue());
    }
    return text.toString();
  }
}
