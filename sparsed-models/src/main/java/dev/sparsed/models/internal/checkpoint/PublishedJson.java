package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.ModelFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The small files of a checkpoint as Hugging Face's library writes them: names in order. */
public final class PublishedJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private PublishedJson() {}

  /**
   * A configuration in the published file's form.
   *
   * @param config the configuration
   * @return a {@code config.json}; empty if the family's checkpoints are only read
   */
  public static Optional<String> text(ModelConfig config) {
    return files(config).isPresent() ? Optional.of(config(config).toString()) : Optional.empty();
  }

  /** A {@code config.json}, from which {@link ConfigClasses#parse} gives the configuration. */
  static ObjectNode config(ModelConfig config) {
    Map<String, Object> fields = new TreeMap<>(requireFiles(config).config());
    fields.put("architectures", List.of(config.modelClass()));
    fields.put("torch_dtype", torchName(config.weightType()));
    return of(fields);
  }

  /**
   * The {@code generation_config.json} that is published with models of a configuration's class.
   */
  static ObjectNode generation(ModelConfig config) {
    return of(requireFiles(config).generation());
  }

  private static Optional<ModelFamily.ConfigFiles> files(ModelConfig config) {
    return config.family().files(config.architecture(), config.tokens());
  }

  private static ModelFamily.ConfigFiles requireFiles(ModelConfig config) {
    return files(config)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "checkpoints of the family "
                        + config.family().name()
                        + " are only read: its ModelFamily.files says nothing of how a"
                        + " config.json is written"));
  }

  /** An object of fields that a family gives. */
  private static ObjectNode of(Map<String, Object> fields) {
    ObjectNode json = MAPPER.createObjectNode();
    new TreeMap<>(fields)
        .forEach((name, value) -> json.set(name, MAPPER.valueToTree(plain(value))));
    return json;
  }

  private static @Nullable Object plain(Object value) {
    if (value instanceof OptionalInt number) {
      return number.isPresent() ? number.getAsInt() : null;
    }
    return value instanceof Optional<?> optional ? optional.orElse(null) : value;
  }

  private static String torchName(Precision type) {
    return switch (type) {
      case BFLOAT16 -> "bfloat16";
      case FLOAT16 -> "float16";
      case FLOAT32 -> "float32";
    };
  }
}
