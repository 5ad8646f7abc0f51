package dev.sparsed.demo;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The demo's tokenizer for checkpoints without one of their own: its text tokens keep their ids,
 * the tokens that end a text and that stand for what is masked get the ids of the checkpoint.
 */
public final class StandInTokenizer {

  private static final ObjectMapper JSON = new ObjectMapper();

  private StandInTokenizer() {}

  /**
   * Whether a checkpoint lacks a tokenizer of its own.
   *
   * @param config the checkpoint's architecture
   * @param folder the checkpoint's folder, which may be missing
   * @return false if the folder has a tokenizer that the model can use
   * @throws dev.sparsed.text.TokenizerException if it has files of a tokenizer that cannot be read
   * @throws IllegalArgumentException if it has a tokenizer with more tokens than the model
   */
  public static boolean isNeeded(ModelConfig config, Path folder) {
    if (Tokenizer.files(folder).isEmpty()) {
      return true;
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      checkArgument(
          tokenizer.vocabularySize() <= config.architecture().embeddingRows(),
          "the tokenizer in %s has %s tokens, but the model has only %s; choose another folder",
          folder,
          tokenizer.vocabularySize(),
          config.architecture().embeddingRows());
    }
    return false;
  }

  /**
   * Writes the tokenizer's files.
   *
   * @param config the checkpoint's architecture, with a vocabulary at least as large as the demo's
   * @param folder the checkpoint's folder, without a tokenizer
   * @throws IOException if a file cannot be written
   */
  public static void write(ModelConfig config, Path folder) throws IOException {
    ObjectNode tokenizer;
    try (InputStream stream = DemoCheckpoint.open("tokenizer.json")) {
      tokenizer = (ObjectNode) JSON.readTree(stream);
    }
    ObjectNode vocabulary = (ObjectNode) tokenizer.path("model").path("vocab");
    for (JsonNode added : tokenizer.path("added_tokens")) {
      String content = added.path("content").asText();
      int id = id(content, config).orElse(added.path("id").asInt());
      ((ObjectNode) added).put("id", id);
      // Ids beyond the end of the vocabulary hold only if the vocabulary itself has them.
      vocabulary.put(content, id);
    }
    WholeFile.write(folder.resolve("tokenizer.json"), JSON.writeValueAsString(tokenizer));
    try (InputStream stream = DemoCheckpoint.open("tokenizer_config.json")) {
      WholeFile.write(folder.resolve("tokenizer_config.json"), stream::transferTo);
    }
  }

  private static OptionalInt id(String token, ModelConfig config) {
    return switch (token) {
      case DemoTokenizer.MASK -> OptionalInt.of(config.maskToken());
      case DemoTokenizer.END_OF_TEXT -> config.tokens().end();
      default -> OptionalInt.empty();
    };
  }
}
