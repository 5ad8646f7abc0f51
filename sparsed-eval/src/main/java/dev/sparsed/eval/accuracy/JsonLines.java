package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.TaskFileException.Problem;
import dev.sparsed.internal.MalformedUtf8Exception;
import dev.sparsed.internal.Utf8;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
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
    int start = Utf8.start(bytes);
    while (start < bytes.length) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      line++;
      try {
        String text = Utf8.decode(bytes, start, end, "it");
        if (!text.isBlank()) {
          values.add(reader.read(line, parse(text)));
        }
      } catch (IllegalArgumentException | MalformedUtf8Exception e) {
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
          "is not JSON: " + Quoted.line(e.getOriginalMessage()) + ", in " + Quoted.of(text), e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException("must be a JSON object but is " + Quoted.of(text));
    }
    return node;
  }

  /** A value as a message shows it: a number as it is, anything else quoted. */
  static String shown(JsonNode value) {
    if (value.isTextual()) {
      return Quoted.of(value.textValue());
    }
    return value.isValueNode() ? Quoted.line(value.toString()) : Quoted.of(value.toString());
  }
}
