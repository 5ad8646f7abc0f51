package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.TaskFileException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads files of one JSON object per line strictly: UTF-8, no duplicate fields, nothing behind. */
public final class JsonLines {

  /** Reads and writes the JSON of evaluations. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final int SHOWN = 80;

  private JsonLines() {}

  /**
   * Makes something of one object.
   *
   * @param <T> what is made
   */
  @FunctionalInterface
  public interface Reader<T> {

    /**
     * Makes something of one object.
     *
     * @param line the line, from 1
     * @param object the object on it
     * @return what was made
     * @throws IllegalArgumentException if the object is wrong; its message is reported with the
     *     line
     */
    T read(int line, JsonNode object);
  }

  /**
   * Reads a whole file. Blank lines are passed over.
   *
   * @param <T> what is made of a line
   * @param file the file, UTF-8
   * @param reader makes something of each line
   * @return what was made, in the file's order
   * @throws TaskFileException if lines are wrong, names every one
   * @throws IOException if the file cannot be read
   */
  public static <T> ImmutableList<T> read(Path file, Reader<T> reader)
      throws IOException, TaskFileException {
    byte[] bytes = Files.readAllBytes(file);
    List<T> values = new ArrayList<>();
    ImmutableList.Builder<Problem> problems = ImmutableList.builder();
    int line = 0;
    int start = startOf(bytes);
    while (start < bytes.length) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      line++;
      try {
        String text = decode(bytes, start, end);
        if (!text.isBlank()) {
          values.add(reader.read(line, parse(text)));
        }
      } catch (IllegalArgumentException e) {
        problems.add(new Problem(line, String.valueOf(e.getMessage())));
      }
      start = end + 1;
    }
    ImmutableList<Problem> found = problems.build();
    if (!found.isEmpty()) {
      throw new TaskFileException(file, found);
    }
    return ImmutableList.copyOf(values);
  }

  /** Behind the byte order mark, if there is one. */
  private static int startOf(byte[] bytes) {
    boolean mark =
        bytes.length >= 3
            && (bytes[0] & 0xFF) == 0xEF
            && (bytes[1] & 0xFF) == 0xBB
            && (bytes[2] & 0xFF) == 0xBF;
    return mark ? 3 : 0;
  }

  private static String decode(byte[] bytes, int start, int end) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("is not UTF-8 text", e);
    }
  }

  /**
   * Reads one object.
   *
   * @param text the JSON text
   * @return the object
   * @throws IllegalArgumentException if the text is not one JSON object
   */
  public static JsonNode parse(String text) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "is not JSON: " + e.getOriginalMessage() + ", in '" + shortened(text) + "'", e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException("must be a JSON object but is '" + shortened(text) + "'");
    }
    return node;
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
