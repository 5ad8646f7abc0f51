package dev.sparsed.internal;

import java.io.Serial;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;

/** A text that is not in UTF-8. */
public final class MalformedUtf8Exception extends CharacterCodingException {

  @Serial private static final long serialVersionUID = 1L;

  private final String message;

  MalformedUtf8Exception(String source, long offset, byte value) {
    this.message =
        String.format(
            Locale.ROOT,
            "%s is not in UTF-8: its byte %d, counted from 0, is 0x%02X and belongs to no character;"
                + " convert it, for instance with iconv",
            source,
            offset,
            value);
  }

  @Override
  public String getMessage() {
    return message;
  }
}
