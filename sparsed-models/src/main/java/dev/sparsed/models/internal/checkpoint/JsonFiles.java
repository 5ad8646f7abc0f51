package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.internal.MalformedUtf8Exception;
import dev.sparsed.internal.Utf8;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the JSON objects that accompany a model, strictly: UTF-8, no duplicate names, nothing after
 * the object.
 */
final class JsonFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Python writes NaN and Infinity as they are.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private JsonFiles() {}

  /** The object in a file, empty where there is no such file. */
  static Optional<ObjectNode> readIfPresent(Path file, long longest) {
    return FileFailure.isPresent(file) ? Optional.of(read(file, longest)) : Optional.empty();
  }

  /** The object in a file of at most {@code longest} bytes. */
  static ObjectNode read(Path file, long longest) {
    try {
      long length = Files.size(file);
      if (length > longest) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT, "%s has %d bytes; at most %d are read", file, length, longest));
      }
      JsonNode node = MAPPER.readTree(Utf8.read(file));
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw new CheckpointException(file + " holds no JSON object" + other(file));
    } catch (MalformedUtf8Exception e) {
      throw new CheckpointException(String.valueOf(e.getMessage()), e);
    } catch (JacksonException e) {
      throw new CheckpointException(
          file
              + " is not valid JSON"
              + other(file)
              + ": "
              + Quoted.of(String.valueOf(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw FileFailure.unreadable(file, e);
    }
  }

  private static String other(Path file) {
    return Impostor.in(file).map(found -> "; " + found).orElse("");
  }

  /** Writes an object as Hugging Face does: indented by two, a newline at the end. */
  static void write(Path file, ObjectNode object) throws IOException {
    Files.writeString(
        file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n");
  }
}
