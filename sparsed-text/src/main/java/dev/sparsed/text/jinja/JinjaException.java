package dev.sparsed.text.jinja;

import org.jspecify.annotations.Nullable;

/**
 * A template that is malformed, uses what is not supported, exceeds its bounds, or itself raises an
 * exception.
 */
public final class JinjaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  JinjaException(String message) {
    super(message);
  }

  JinjaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
