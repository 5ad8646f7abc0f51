package dev.sparsed.text.jinja;

import org.jspecify.annotations.Nullable;

/**
 * A template that is malformed, uses what is not supported, exceeds its bounds, or itself raises an
 * exception. Its message is one line, whatever the template wrote into it.
 */
public final class JinjaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  JinjaException(String message) {
    super(Printable.line(message));
  }

  JinjaException(String message, @Nullable Throwable cause) {
    super(Printable.line(message), cause);
  }
}
