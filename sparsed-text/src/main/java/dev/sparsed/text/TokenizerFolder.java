package dev.sparsed.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Reads the text files of one checkpoint folder: UTF-8 only, bounded in size and depth. */
final class TokenizerFolder {

  /** The largest published tokenizer.json files are near 35 MB. */
  private static final long MAX_FILE_BYTES = 64L << 20;

  /** Names, values and brackets; the largest published file has 2.6 million. */
  private static final long MAX_JSON_TOKENS = 6_000_000;

  private static final int MAX_NAME_LENGTH = 8192;
  private static final int MAX_STRING_LENGTH = 4 << 20;

  /** serde_json, which reads the definition after us, gives up at 128. */
  private static final int MAX_NESTING = 64;

  static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  // A vocabulary's names occur once: a table of them only costs, and can be filled
                  // with names that all fall together.
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_NESTING)
                          .maxTokenCount(MAX_JSON_TOKENS)
                          .maxNameLength(MAX_NAME_LENGTH)
                          .maxStringLength(MAX_STRING_LENGTH)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path folder;

  TokenizerFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new TokenizerException(
          folder + " is not a folder; give the folder that holds the checkpoint's tokenizer files");
    }
    this.folder = folder;
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  /**
   * Whether something of this name is there, a link that leads nowhere included: reading it says
   * what is wrong.
   */
  boolean has(String name) {
    return Files.exists(path(name), LinkOption.NOFOLLOW_LINKS);
  }

  /** The file's JSON object; an absent file reads as an empty object. */
  ObjectNode objectIfPresent(String name) {
    return has(name) ? object(name) : JSON.createObjectNode();
  }

  ObjectNode object(String name) {
    JsonNode node;
    try {
      node = JSON.readTree(text(name));
    } catch (JsonProcessingException e) {
      String size = e instanceof StreamConstraintsException ? " of a size that is read" : "";
      throw new TokenizerException(
          path(name)
              + " is not valid JSON"
              + size
              + ": "
              + Quoted.of(e.getOriginalMessage())
              + at(e)
              + reload());
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new TokenizerException(path(name) + " does not hold a JSON object" + reload());
  }

  String text(String name) {
    Path file = path(name);
    if (Files.isSymbolicLink(file) && !Files.exists(file)) {
      throw new TokenizerException(file + " is a link to what is not there" + reload());
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new TokenizerException(file + " is no regular file; replace it by the checkpoint's");
    }
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new TokenizerException(
            file
                + " has "
                + size
                + " bytes, more than the "
                + MAX_FILE_BYTES
                + " that are read"
                + reload());
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new TokenizerException(file + " is not UTF-8 text" + reload(), e);
    } catch (IOException e) {
      String why = e instanceof AccessDeniedException ? "permission denied" : e.toString();
      throw new TokenizerException(
          file + " cannot be read (" + why + "); check its permissions and the disk", e);
    }
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ")";
  }

  private static String reload() {
    return "; download the checkpoint again";
  }
}
