package dev.sparsed.text;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.text.internal.jinja.JinjaException;
import dev.sparsed.text.internal.jinja.JinjaTemplate;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's chat template: turns a conversation into the text that its model was trained on.
 *
 * <p>Templates are written in Jinja and rendered as Hugging Face renders them, see {@link
 * JinjaTemplate}. A template is untrusted code: it reaches nothing but the values handed to it, and
 * its work is bounded. A template may be rendered by any number of threads.
 */
public final class ChatTemplate {

  private final JinjaTemplate template;
  private final ImmutableMap<String, String> specialTokens;
  private final Clock clock;

  private ChatTemplate(
      JinjaTemplate template, ImmutableMap<String, String> specialTokens, Clock clock) {
    this.template = template;
    this.specialTokens = specialTokens;
    this.clock = clock;
  }

  /**
   * Parses a template.
   *
   * @param source the template in Jinja
   * @param specialTokens texts of special tokens by the name that the template knows them by, for
   *     instance {@code bos_token}
   * @return the template
   * @throws ChatTemplateException if the template is malformed or uses what is not supported
   */
  public static ChatTemplate parse(String source, Map<String, String> specialTokens) {
    return parse(source, specialTokens, Clock.system(ZoneId.systemDefault()));
  }

  static ChatTemplate parse(String source, Map<String, String> specialTokens, Clock clock) {
    try {
      return new ChatTemplate(
          JinjaTemplate.parse(source), ImmutableMap.copyOf(specialTokens), clock);
    } catch (JinjaException e) {
      throw new ChatTemplateException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Renders a conversation.
   *
   * @param messages the conversation so far, in order
   * @param addGenerationPrompt whether the text ends with the opening of the model's answer
   * @return the text; encode it with {@link Tokenizer.SpecialTokens#AS_WRITTEN}
   * @throws ChatTemplateException if the template rejects the conversation, makes no text of it,
   *     uses what is not supported or exceeds its bounds
   */
  public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return render(messages, addGenerationPrompt, Map.of());
  }

  /**
   * Renders a conversation with further variables that the template knows, for instance {@code
   * enable_thinking} or {@code tools}.
   *
   * @param messages the conversation so far, in order
   * @param addGenerationPrompt whether the text ends with the opening of the model's answer
   * @param variables further variables: String, Boolean, Integer, Long, Double, null, and lists and
   *     maps of these; they win over the special tokens
   * @return the text
   * @throws ChatTemplateException if the template rejects the conversation, makes no text of it,
   *     uses what is not supported or exceeds its bounds
   * @throws IllegalArgumentException if a variable is of another type
   */
  public String render(
      List<ChatMessage> messages,
      boolean addGenerationPrompt,
      Map<String, ? extends @Nullable Object> variables) {
    Map<String, @Nullable Object> visible = new HashMap<>(specialTokens);
    visible.put("tools", null);
    visible.put("documents", null);
    List<Map<String, String>> conversation = new ArrayList<>();
    for (ChatMessage message : messages) {
      Map<String, String> parts = new LinkedHashMap<>(); // templates may print it, in this order
      parts.put("role", message.role());
      parts.put("content", message.content());
      conversation.add(parts);
    }
    visible.put("messages", conversation);
    visible.put("add_generation_prompt", addGenerationPrompt);
    visible.putAll(variables);
    try {
      return notEmpty(template.render(visible, clock), messages);
    } catch (JinjaException e) {
      throw new ChatTemplateException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * A model answers an empty prompt too, and nobody would see that the question never got there.
   */
  private static String notEmpty(String text, List<ChatMessage> messages) {
    if (text.isEmpty()
        || (text.isBlank() && messages.stream().anyMatch(m -> !m.content().isBlank()))) {
      throw new ChatTemplateException(
          "the chat template makes no text of the conversation ("
              + messages.size()
              + (messages.size() == 1 ? " message" : " messages")
              + "); give the prompt without a template, or repair the template");
    }
    return text;
  }
}
