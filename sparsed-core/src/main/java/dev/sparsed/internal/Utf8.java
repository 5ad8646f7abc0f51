package dev.sparsed.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads texts in UTF-8 strictly: bytes that are none are refused with their place instead of being
 * replaced. A byte order mark at the beginning belongs to the encoding and is no part of the text.
 */
public final class Utf8 {

  private static final int MARK_BYTES = 3;

  private Utf8() {}

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its text
   * @throws MalformedUtf8Exception if it is not in UTF-8; names the file and the byte
   * @throws IOException if it cannot be read
   */
  public static String read(Path file) throws IOException {
    return decode(Files.readAllBytes(file), file.toString());
  }

  /**
   * Decodes a whole text.
   *
   * @param bytes the text
   * @param source what the text is called in messages
   * @return the text
   * @throws MalformedUtf8Exception if it is not in UTF-8; names the source and the byte
   */
  public static String decode(byte[] bytes, String source) throws MalformedUtf8Exception {
    return decode(bytes, start(bytes), bytes.length, source);
  }

  /**
   * Decodes a part of a text, in which a byte order mark is a character as any other.
   *
   * @param bytes the text
   * @param from the first byte
   * @param to the byte behind the last
   * @param source what the whole is called in messages
   * @return the part
   * @throws MalformedUtf8Exception if it is not in UTF-8; names the source and the byte
   */
  public static String decode(byte[] bytes, int from, int to, String source)
      throws MalformedUtf8Exception {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer input = ByteBuffer.wrap(bytes, from, to - from);
    CharBuffer text = CharBuffer.allocate(to - from); // A character has at least one byte.
    CoderResult result = decoder.decode(input, text, true);
    if (result.isError()) {
      throw new MalformedUtf8Exception(source, input.position(), bytes[input.position()]);
    }
    decoder.flush(text);
    return text.flip().toString();
  }

  /**
   * Where the text begins.
   *
   * @param bytes a whole text
   * @return the first byte behind a byte order mark, 0 without one
   */
  public static int start(byte[] bytes) {
    boolean mark =
        bytes.length >= MARK_BYTES
            && (bytes[0] & 0xFF) == 0xEF
            && (bytes[1] & 0xFF) == 0xBB
            && (bytes[2] & 0xFF) == 0xBF;
    return mark ? MARK_BYTES : 0;
  }
}
