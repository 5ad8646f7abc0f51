package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.family.ModelFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Walks the published configurations: every field is honoured, known to change nothing, or refused
 * where it would mean something that is not computed. None is passed over for want of being known.
 */
class PublishedFieldsTest {

  private static final Path PUBLISHED = Path.of("src/test/resources/published");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Name the class, which {@link PublishedConfigsTest} looks at. */
  private static final Set<String> NAMES = Set.of("architectures", "auto_map", "model_type");

  /** Read by no model: the other of a pair of names for the type of weights that are there. */
  private static final Set<String> ANNOUNCED = Set.of("torch_dtype", "dtype");

  @TestFactory
  Stream<DynamicTest> everyPublishedFieldIsKnown() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(PUBLISHED)) {
      files = all.sorted().toList();
    }
    assertFalse(files.isEmpty());
    return files.stream().map(file -> dynamicTest(file.getFileName().toString(), () -> walk(file)));
  }

  private static void walk(Path file) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    ConfigClasses.Reading reading = read(json);
    assertEquals(List.of(), reading.warnings());
    Object known = meaning(json);
    FieldNotes notes = notes(json, reading.config());
    for (String field : fieldNames(json)) {
      if (NAMES.contains(field) || ANNOUNCED.contains(field) || json.path(field).isNull()) {
        continue;
      }
      List<JsonNode> others = others(json.path(field));
      if (notes.read().contains(field)) {
        assertTrue(
            others.stream().anyMatch(other -> !known.equals(meaning(with(json, field, other)))),
            field + " is said to be honoured, but no other value changes anything");
      } else if (CommonFields.RULES.refused().containsKey(field)
          && !notes.harmless().contains(field)) {
        assertTrue(
            others.stream().anyMatch(other -> isRefused(with(json, field, other), field)),
            field + " is said to be refused, but no other value is");
      } else {
        others.forEach(
            other ->
                assertEquals(
                    known, meaning(with(json, field, other)), field + " is said to be harmless"));
      }
    }
  }

  /** The notes of a family that reads a configuration as {@link ConfigClasses} has it read. */
  private static FieldNotes notes(ObjectNode json, ModelConfig config) {
    ModelFamily family = config.family();
    JsonFields fields = new JsonFields("config.json", json).of(config.modelClass());
    family.decoding(fields, family.architecture(fields));
    fields.notes().read().addAll(List.of("bos_token_id", "eos_token_id", "pad_token_id"));
    fields.notes().read().add("mask_token_id");
    return fields.notes();
  }

  /** All that is made of a configuration, or why nothing is. */
  private static Object meaning(ObjectNode json) {
    try {
      ModelConfig config = read(json).config();
      JsonFields fields = new JsonFields("config.json", json);
      return List.of(
          config,
          GenerationConfig.of(
                  config,
                  fields,
                  new JsonFields("x", JsonNodeFactory.instance.objectNode()),
                  List.of())
              .decoding()
              .ofCheckpoint(64, CachePolicy.none()));
    } catch (CheckpointException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static List<String> fieldNames(ObjectNode json) {
    return ImmutableList.copyOf(json.fieldNames());
  }

  private static boolean isRefused(ObjectNode json, String field) {
    return meaning(json) instanceof String message && message.contains(field);
  }

  private static ConfigClasses.Reading read(ObjectNode json) {
    return ConfigClasses.read(json, "config.json", MaskToken.Sources.NONE);
  }

  private static ObjectNode with(ObjectNode json, String field, JsonNode value) {
    ObjectNode changed = json.deepCopy();
    changed.set(field, value);
    return changed;
  }

  /** Other values of the same kind. */
  private static List<JsonNode> others(JsonNode value) {
    if (value.isBoolean()) {
      return List.of(BooleanNode.valueOf(!value.booleanValue()));
    }
    if (value.isNumber()) {
      double number = value.doubleValue();
      return value.isIntegralNumber()
          ? List.of(new IntNode((int) (number + 1)), new IntNode((int) (number * 2 + 2)))
          : List.of(new DoubleNode(number / 2 + 1e-3), new DoubleNode(number * 2 + 1));
    }
    if (value instanceof ArrayNode list && !list.isEmpty()) {
      ArrayNode other = list.deepCopy();
      JsonNode first = others(list.get(0)).get(0);
      other.set(list.size() - 1, list.get(0).isInt() ? new IntNode(0) : first);
      return List.of(other);
    }
    return Optional.of(value).filter(JsonNode::isTextual).stream()
        .<JsonNode>map(text -> new TextNode(text.textValue() + "x"))
        .toList();
  }
}
