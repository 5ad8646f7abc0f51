package dev.sparsed.models.family;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * A model's small files in their published form: field to value, which is a text, a number, a truth
 * value, a list or a map of such, or an {@code Optional} or {@code OptionalInt}, written as null
 * where it is empty.
 *
 * @param config {@code config.json}, but for {@code architectures} and {@code torch_dtype}, which
 *     every family writes alike
 * @param generation {@code generation_config.json}
 */
public record ConfigFiles(Map<String, Object> config, Map<String, Object> generation) {

  /** Copies the fields. */
  public ConfigFiles {
    config = ImmutableMap.copyOf(config);
    generation = ImmutableMap.copyOf(generation);
  }
}
