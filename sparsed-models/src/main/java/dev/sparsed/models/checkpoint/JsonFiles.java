package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
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
          .build();

  private JsonFiles() {}

  /** The object in a file, empty where there is no such file. */
  static Optional<ObjectNode> readIfPresent(Path file, long longest) {
    return Files.exists(file) ? Optional.of(read(file, longest)) : Optional.empty();
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
      try (Reader text =
          new InputStreamReader(
              Files.newInputStream(file),
              StandardCharsets.UTF_8
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT))) {
        JsonNode node = MAPPER.readTree(text);
        if (node instanceof ObjectNode object) {
          return object;
        }
        throw new CheckpointException(file + " holds no JSON object");
      }
    } catch (CharacterCodingException e) {
      throw new CheckpointException(file + " is not valid UTF-8", e);
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new CheckpointException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(file + " cannot be read: " + e, e);
    }
  }

  /** Writes an object as Hugging Face does: indented by two, a newline at the end. */
  static void write(Path file, ObjectNode object) throws IOException {
    Files.writeString(
        file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n");
  }
}
