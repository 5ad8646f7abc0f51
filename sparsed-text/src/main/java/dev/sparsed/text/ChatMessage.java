package dev.sparsed.text;

import java.util.Objects;

/**
 * One message of a conversation.
 *
 * @param role who speaks; {@code system}, {@code user} and {@code assistant} are what templates
 *     know
 * @param content what is said; never read as a template
 */
public record ChatMessage(String role, String content) {

  /** Checks that both parts are there. */
  public ChatMessage {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
  }

  /**
   * A message of the user.
   *
   * @param content what is said
   * @return the message
   */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  /**
   * A message of the model.
   *
   * @param content what is said
   * @return the message
   */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }

  /**
   * Instructions to the model.
   *
   * @param content what is said
   * @return the message
   */
  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }
}
