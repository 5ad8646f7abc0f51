package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/**
 * The architecture of a model, as its {@code config.json} gives it. Whatever is not supported was
 * refused on reading.
 */
public sealed interface ModelConfig permits DreamConfig, LladaConfig {
  /**
   * The longest side of a weight matrix that is believed; a larger one in a file is an error or an
   * attack.
   */
  int LARGEST_WIDTH = 1 << 24;

  /** The most layers that are believed. */
  int MOST_LAYERS = 4096;

  /**
   * Reads a configuration; the class follows {@code architectures}, else {@code auto_map}, and
   * {@code model_type} where both are absent.
   *
   * @param json the content of a {@code config.json}
   * @param source what messages call it, usually the file's path
   * @return the configuration
   * @throws CheckpointException if the class is unknown or a setting is missing, impossible or not
   *     supported; the message names all of them
   */
  static ModelConfig parse(JsonNode json, String source) {
    return ConfigClasses.read(json, source, MaskToken.Sources.NONE).config();
  }

  /**
   * The rows of the embedding and the length of a position's logits: the vocabulary, padded where
   * the model pads it.
   *
   * @return the number of rows
   */
  int embeddingRows();

  /**
   * The number of token ids that the model knows.
   *
   * @return the size of the vocabulary
   */
  int vocabularySize();

  /**
   * The width of the hidden states.
   *
   * @return elements per position
   */
  int hiddenSize();

  /**
   * The inner width of the feed-forward part.
   *
   * @return elements per position
   */
  int intermediateSize();

  /**
   * The number of transformer layers.
   *
   * @return the layers
   */
  int layers();

  /**
   * The number of query heads.
   *
   * @return the heads
   */
  int heads();

  /**
   * The number of key and value heads; it divides the number of query heads.
   *
   * @return the heads
   */
  int keyValueHeads();

  /**
   * The width of one head.
   *
   * @return elements per head and position, even
   */
  default int headSize() {
    return hiddenSize() / heads();
  }

  /**
   * The number of positions that the model was trained for.
   *
   * @return positions
   */
  int maxPositions();

  /**
   * What RMSNorm adds to the mean square.
   *
   * @return the epsilon
   */
  double normEpsilon();

  /**
   * The base of the rotary position embedding's frequencies (theta).
   *
   * @return the base
   */
  double rotaryBase();

  /**
   * Whether the language-model head is the embedding matrix and has no tensor of its own.
   *
   * @return true where the two are one
   */
  boolean tiedEmbeddings();

  /**
   * The token that stands for what is still to be generated.
   *
   * @return its id
   */
  int maskToken();

  /**
   * The token that fills shorter prompts of a batch.
   *
   * @return its id, empty where the configuration names none
   */
  OptionalInt padToken();

  /**
   * The token that ends a text, the first where the configuration lists several; {@link
   * GenerationConfig#endTokens()} has all of them.
   *
   * @return its id, empty where the configuration names none
   */
  OptionalInt endToken();

  /**
   * The type that the configuration announces for the stored weights; the files themselves decide.
   *
   * @return bfloat16, float16 or float32
   */
  TensorType weightType();

  /**
   * The configuration in the published file's form.
   *
   * @return the content of a {@code config.json} from which {@link #parse} gives this configuration
   */
  ObjectNode toJson();

  /**
   * The same architecture with another number of layers.
   *
   * @param layers the number of layers, at least 1
   * @return the changed configuration
   */
  ModelConfig withLayers(int layers);

  /**
   * The same architecture stored in another type.
   *
   * @param weightType bfloat16, float16 or float32
   * @return the changed configuration
   */
  ModelConfig withWeightType(TensorType weightType);

  /**
   * The {@code generation_config.json} that is published with models of this class.
   *
   * @return the content of the file
   */
  ObjectNode toGenerationJson();
}
