package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * A template that is malformed, uses what is not supported, exceeds its bounds, or itself raises an
 * exception. Its message is one line, whatever the template wrote into it.
 */
public final class JinjaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  JinjaException(String message) {
    super(Quoted.line(message));
  }

  JinjaException(String message, @Nullable Throwable cause) {
    super(Quoted.line(message), cause);
  }
}
