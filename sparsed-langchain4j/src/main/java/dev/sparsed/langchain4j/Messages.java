package dev.sparsed.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** LangChain4j's messages as a chat template takes them. */
final class Messages {

  private Messages() {}

  static List<dev.sparsed.text.ChatMessage> of(List<ChatMessage> messages) {
    return messages.stream().map(Messages::of).toList();
  }

  private static dev.sparsed.text.ChatMessage of(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return dev.sparsed.text.ChatMessage.system(system.text());
    }
    if (message instanceof UserMessage user) {
      return dev.sparsed.text.ChatMessage.user(text(user));
    }
    if (message instanceof AiMessage answer && !answer.hasToolExecutionRequests()) {
      return dev.sparsed.text.ChatMessage.assistant(answer.text() == null ? "" : answer.text());
    }
    throw new UnsupportedFeatureException(
        message instanceof AiMessage
            ? "messages with tool calls are not supported by diffusion models yet"
            : "messages of type " + message.type() + " are not supported by diffusion models yet");
  }

  /** Several texts are one, each on lines of its own. */
  private static String text(UserMessage message) {
    return message.contents().stream().map(Messages::text).collect(Collectors.joining("\n"));
  }

  private static String text(Content content) {
    if (content instanceof TextContent text) {
      return text.text();
    }
    throw new UnsupportedFeatureException(
        "content of type "
            + content.type().toString().toLowerCase(Locale.ROOT)
            + " is not supported by diffusion models: they read text only");
  }
}
