package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.family.ConfigFiles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The small files of a checkpoint as Hugging Face's library writes them: names in order. */
final class PublishedJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private PublishedJson() {}

  /** A {@code config.json}. */
  static ObjectNode config(ModelConfig config, ConfigFiles files) {
    Map<String, Object> fields = new TreeMap<>(files.config());
    fields.put("architectures", List.of(config.modelClass()));
    fields.put("torch_dtype", torchName(config.weightType()));
    return of(fields);
  }

  /** An object of fields that a family gives. */
  static ObjectNode of(Map<String, Object> fields) {
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

  private static String torchName(TensorType type) {
    return switch (type) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      case F32 -> "float32";
      default -> throw new IllegalArgumentException("weights cannot be stored as " + type);
    };
  }
}
