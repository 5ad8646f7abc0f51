package dev.sparsed.text;

import org.jspecify.annotations.Nullable;

/**
 * A chat template that is malformed, uses what is not supported, exceeds its bounds, or itself
 * rejects the conversation.
 */
public final class ChatTemplateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what is wrong and in which line of the template
   */
  public ChatTemplateException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what is wrong and in which line of the template
   * @param cause what was thrown underneath, or null
   */
  public ChatTemplateException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
