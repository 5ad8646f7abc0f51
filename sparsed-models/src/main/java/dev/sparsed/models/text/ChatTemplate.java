package dev.sparsed.models.text;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.text.JinjaArguments.Bound;
import dev.sparsed.models.text.PythonValue.Function;
import dev.sparsed.models.text.PythonValue.Namespace;
import java.time.Clock;
import java.time.LocalDateTime;
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
 * <p>Templates are written in Jinja and rendered as Hugging Face renders them, by Jinja2 with
 * {@code trim_blocks}, {@code lstrip_blocks} and loop controls, and with {@code raise_exception},
 * {@code strftime_now} and their {@code tojson}. A template is untrusted code: it reaches nothing
 * but the values handed to it, cannot include files, and its steps, time, text and depth are
 * bounded. What is not supported is an exception, never a text that differs. A template may be
 * rendered by any number of threads.
 */
public final class ChatTemplate {

  private static final int MAX_SOURCE = 1 << 20;
  private static final long MAX_RANGE = 100_000;

  private final List<JinjaNode.Statement> statements;
  private final ImmutableMap<String, String> specialTokens;
  private final Clock clock;

  private ChatTemplate(
      List<JinjaNode.Statement> statements,
      ImmutableMap<String, String> specialTokens,
      Clock clock) {
    this.statements = statements;
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
    if (source.length() > MAX_SOURCE) {
      throw new ChatTemplateException(
          "the template has " + source.length() + " characters, more than " + MAX_SOURCE);
    }
    try {
      return new ChatTemplate(JinjaParser.parse(source), ImmutableMap.copyOf(specialTokens), clock);
    } catch (StackOverflowError e) {
      throw new ChatTemplateException("the template is nested too deeply", e);
    }
  }

  /**
   * Renders a conversation.
   *
   * @param messages the conversation so far, in order
   * @param addGenerationPrompt whether the text ends with the opening of the model's answer
   * @return the text; encode it with {@link SpecialTokens#AS_WRITTEN}
   * @throws ChatTemplateException if the template rejects the conversation, uses what is not
   *     supported or exceeds its bounds
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
   * @throws ChatTemplateException if the template rejects the conversation, uses what is not
   *     supported or exceeds its bounds
   * @throws IllegalArgumentException if a variable is of another type
   */
  public String render(
      List<ChatMessage> messages,
      boolean addGenerationPrompt,
      Map<String, ? extends @Nullable Object> variables) {
    Map<String, Object> visible = new HashMap<>(functions());
    visible.putAll(specialTokens);
    visible.put("tools", PythonValue.NONE);
    visible.put("documents", PythonValue.NONE);
    List<Object> list = new ArrayList<>();
    for (ChatMessage message : messages) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("role", message.role());
      map.put("content", message.content());
      list.add(map);
    }
    visible.put("messages", PythonValue.list(list));
    visible.put("add_generation_prompt", addGenerationPrompt);
    variables.forEach((name, value) -> visible.put(name, PythonValue.fromJava(value, 0)));
    try {
      return JinjaInterpreter.render(statements, visible);
    } catch (StackOverflowError e) {
      throw new ChatTemplateException("the template is nested too deeply", e);
    }
  }

  private Map<String, Function> functions() {
    return Map.of(
        "raise_exception",
        arguments -> {
          throw new ChatTemplateException(
              "the template rejects the conversation: "
                  + PythonValue.str(arguments.bind("message").get("message")));
        },
        "strftime_now",
        arguments ->
            PythonTime.format(arguments.bind("format").text("format"), LocalDateTime.now(clock)),
        "range",
        ChatTemplate::range,
        "dict",
        arguments -> {
          if (!arguments.positional().isEmpty()) {
            throw new ChatTemplateException("dict is supported with named arguments only");
          }
          return new LinkedHashMap<>(arguments.named());
        },
        "namespace",
        ChatTemplate::namespace);
  }

  private static Object namespace(JinjaArguments arguments) {
    Namespace namespace = new Namespace();
    for (Object initial : arguments.positional()) {
      if (!(initial instanceof Map<?, ?> map) || arguments.positional().size() > 1) {
        throw new ChatTemplateException("namespace takes one dict or named arguments");
      }
      map.forEach((name, value) -> namespace.attributes.put((String) name, value));
    }
    namespace.attributes.putAll(arguments.named());
    return namespace;
  }

  private static Object range(JinjaArguments arguments) {
    Bound bound = arguments.bind("start", "stop?", "step?");
    boolean one = !bound.has("stop");
    long first = one ? 0 : bound.number("start", 0);
    long stop = one ? bound.number("start", 0) : bound.number("stop", 0);
    long step = bound.number("step", 1);
    if (step == 0) {
      throw new ChatTemplateException("a range cannot step by 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = first; step > 0 ? i < stop : i > stop; i = Math.addExact(i, step)) {
      if (numbers.size() == MAX_RANGE) {
        throw new ChatTemplateException("a range has more than " + MAX_RANGE + " numbers");
      }
      numbers.add(i);
    }
    arguments.budget().spend(numbers.size());
    return new PythonValue.PyList(numbers, PythonValue.Kind.RANGE);
  }
}
