package dev.sparsed.text.internal.jinja;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template in Jinja, rendered as Hugging Face renders chat templates: by Jinja2 with {@code
 * trim_blocks}, {@code lstrip_blocks} and loop controls, and with {@code raise_exception}, {@code
 * strftime_now} and their {@code tojson}.
 *
 * <p>A template is untrusted code: it reaches nothing but the values handed to it, cannot include
 * files, and its steps, time, memory, text and depth are bounded. What is not supported is an
 * exception, never a text that differs. A template is immutable and may be rendered by any number
 * of threads.
 */
public final class JinjaTemplate {

  private static final int MAX_SOURCE = 1 << 20;

  private final List<Node.Statement> statements;

  private JinjaTemplate(List<Node.Statement> statements) {
    this.statements = statements;
  }

  /**
   * Parses a template.
   *
   * @param source the template in Jinja
   * @return the template
   * @throws JinjaException if the template is malformed or uses what is not supported
   */
  public static JinjaTemplate parse(String source) {
    if (source.length() > MAX_SOURCE) {
      throw new JinjaException(
          "the template has " + source.length() + " characters, more than " + MAX_SOURCE);
    }
    try {
      return new JinjaTemplate(Parser.parse(source));
    } catch (StackOverflowError e) {
      throw new JinjaException("the template is nested too deeply", e);
    }
  }

  /**
   * Renders the template.
   *
   * @param variables what the template sees besides its functions, which a variable of the same
   *     name hides: String, Boolean, Integer, Long, Double, null, and lists and maps of these
   * @param clock the time that {@code strftime_now} tells
   * @return the text
   * @throws JinjaException if the template raises an exception, uses what is not supported or
   *     exceeds its bounds
   * @throws IllegalArgumentException if a variable is of another type
   */
  public String render(Map<String, ? extends @Nullable Object> variables, Clock clock) {
    Map<String, Object> visible = new HashMap<>(Functions.at(clock));
    variables.forEach((name, value) -> visible.put(name, JavaValues.from(value, 0)));
    try {
      return Interpreter.render(statements, visible);
    } catch (StackOverflowError e) {
      throw new JinjaException("the template is nested too deeply", e);
    }
  }
}
