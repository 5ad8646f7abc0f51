package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Typed reading of a configuration's fields that gathers everything wrong with them, so that one
 * message can say it all, and everything that was overlooked on purpose. Where a field is wrong its
 * lowest allowed value stands in until {@link #check()}.
 */
final class ConfigFields {
  /** Objects and lists of more elements are not shown in messages. */
  private static final int LARGEST_SHOWN = 8;

  private static final int LONGEST_NUMBER = 40;

  private final String source;
  private final JsonNode json;

  /** What stands before a field's name in messages. */
  private final String prefix;

  private final Notes notes;

  /** What was noted of a configuration and everything within it. */
  private record Notes(List<String> problems, Set<String> warnings, Set<String> conflicts) {
    Notes() {
      this(new ArrayList<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
    }
  }

  /** Reads fields of {@code json}, which messages call {@code source}. */
  ConfigFields(String source, JsonNode json) {
    this(source, json, "", new Notes());
  }

  private ConfigFields(String source, JsonNode json, String prefix, Notes notes) {
    this.source = source;
    this.json = json;
    this.prefix = prefix;
    this.notes = notes;
  }

  /** The fields of an object within, whose problems are this one's; empty where it is absent. */
  Optional<ConfigFields> object(String field) {
    JsonNode node = json.path(field);
    if (isNothing(node)) {
      return Optional.empty();
    }
    if (!node.isObject()) {
      refuse(
          String.format(
              Locale.ROOT, "%s must be an object but is %s", prefix + field, shown(node)));
      return Optional.empty();
    }
    return Optional.of(new ConfigFields(source, node, prefix + field + ".", notes));
  }

  /** The names of the fields that are there. */
  ImmutableList<String> names() {
    return ImmutableList.copyOf(json.fieldNames());
  }

  /**
   * An integer between {@code least} and {@code most}, the fallback where the field is absent or
   * null.
   */
  int integer(String field, int fallback, int least, int most) {
    return optionalInteger(field, least, most).orElse(fallback);
  }

  /** An integer between {@code least} and {@code most}, empty where the field is absent or null. */
  OptionalInt optionalInteger(String field, int least, int most) {
    return integer(field, json.path(field), least, most);
  }

  /**
   * The token ids of a field that holds one or a list of them. An id that the model has no row for
   * is none: published files write -1, or an id of another vocabulary, where they mean no token.
   */
  ImmutableList<Integer> tokens(String field, int rows) {
    JsonNode node = json.path(field);
    ImmutableList.Builder<Integer> values = ImmutableList.builder();
    List<String> strange = new ArrayList<>();
    for (JsonNode element : node.isArray() ? node : List.of(node)) {
      if (isNothing(element)) {
        continue;
      }
      double id = element.isNumber() ? element.doubleValue() : Double.NaN;
      if (id != Math.rint(id)) {
        refuse(
            String.format(
                Locale.ROOT,
                "%s must be a token id or a list of them but is %s",
                prefix + field,
                shown(element)));
      } else if (id >= 0 && id < rows) {
        values.add((int) id);
      } else if (id != -1) {
        strange.add(shown(element));
      }
    }
    if (!strange.isEmpty()) {
      warn(
          String.format(
              Locale.ROOT,
              "%s is %s, but the model knows the ids 0 to %d; it is taken for no token",
              prefix + field,
              Listing.of(strange),
              rows - 1));
    }
    return values.build();
  }

  /** An integer may be written as {@code 131072.0}. */
  private OptionalInt integer(String field, JsonNode node, int least, int most) {
    if (isNothing(node)) {
      return OptionalInt.empty();
    }
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (value != Math.rint(value) || value < least || value > most) {
      refuse(
          String.format(
              Locale.ROOT,
              "%s must be an integer between %d and %d but is %s",
              prefix + field,
              least,
              most,
              shown(node)));
      return OptionalInt.of(least);
    }
    return OptionalInt.of((int) value);
  }

  /** A finite number of at least {@code least}, the fallback where the field is absent or null. */
  double number(String field, double fallback, double least) {
    return optionalNumber(field, least).orElse(fallback);
  }

  /** A finite number of at least {@code least}, empty where the field is absent or null. */
  OptionalDouble optionalNumber(String field, double least) {
    JsonNode node = json.path(field);
    if (isNothing(node)) {
      return OptionalDouble.empty();
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue()) || node.doubleValue() < least) {
      refuse(
          String.format(
              Locale.ROOT,
              "%s must be a number of at least %s but is %s",
              prefix + field,
              least,
              shown(node)));
      return OptionalDouble.of(least);
    }
    return OptionalDouble.of(node.doubleValue());
  }

  /** A number between 0 and 1, neither included, the fallback where the field is absent or null. */
  double share(String field, double fallback) {
    JsonNode node = json.path(field);
    if (isNothing(node)) {
      return fallback;
    }
    if (!node.isNumber() || !(node.doubleValue() > 0 && node.doubleValue() < 1)) {
      refuse(
          String.format(
              Locale.ROOT,
              "%s must be a number above 0 and below 1 but is %s",
              prefix + field,
              shown(node)));
      return fallback;
    }
    return node.doubleValue();
  }

  /** A truth value, the fallback where the field is absent or null. */
  boolean flag(String field, boolean fallback) {
    JsonNode node = json.path(field);
    if (isNothing(node)) {
      return fallback;
    }
    if (!node.isBoolean()) {
      refuse(
          String.format(
              Locale.ROOT, "%s must be true or false but is %s", prefix + field, shown(node)));
      return fallback;
    }
    return node.booleanValue();
  }

  /** A text, the fallback where the field is absent or null. */
  String text(String field, String fallback) {
    JsonNode node = json.path(field);
    if (isNothing(node)) {
      return fallback;
    }
    if (!node.isTextual()) {
      refuse(
          String.format(Locale.ROOT, "%s must be a text but is %s", prefix + field, shown(node)));
      return fallback;
    }
    return node.textValue();
  }

  /**
   * Refuses a text other than the one supported; {@code fallback} is the published default of an
   * absent field.
   */
  void supportsOnly(String field, String supported, String fallback) {
    supportsOnly(field, ImmutableSet.of(supported), fallback);
  }

  /** As {@link #supportsOnly(String, String, String)} where a thing has several names. */
  void supportsOnly(String field, ImmutableSet<String> supported, String fallback) {
    String value = text(field, fallback);
    if (!supported.contains(value)) {
      refuse(
          String.format(
              Locale.ROOT,
              "%s is %s; only \"%s\" is supported",
              field,
              Quoted.of(value),
              supported.iterator().next()));
    }
  }

  /**
   * Refuses a truth value other than the one supported; {@code fallback} is the published default
   * of an absent field.
   */
  void supportsOnly(String field, boolean supported, boolean fallback) {
    boolean value = flag(field, fallback);
    if (value != supported) {
      refuse(String.format(Locale.ROOT, "%s is %s; only %s is supported", field, value, supported));
    }
  }

  /** Whether a field is there, be it null. */
  boolean has(String field) {
    return json.has(field);
  }

  /** Whether a field is absent or null. */
  boolean isNull(String field) {
    return isNothing(json.path(field));
  }

  /** Hands the field's value to {@code action} where it is there and not null. */
  void ifPresent(String field, Consumer<JsonNode> action) {
    JsonNode node = json.path(field);
    if (!isNothing(node)) {
      action.accept(node);
    }
  }

  /**
   * The type of the stored weights as the configuration announces it; older and newer files name
   * the field differently.
   */
  TensorType weightType() {
    String name = text("torch_dtype", text("dtype", "float32")).replaceFirst("^torch\\.", "");
    return switch (name) {
      case "bfloat16" -> TensorType.BF16;
      case "float16" -> TensorType.F16;
      case "float32" -> TensorType.F32;
      default -> {
        refuse(
            String.format(
                Locale.ROOT,
                "torch_dtype is %s; only bfloat16, float16 and float32 are supported",
                Quoted.of(name)));
        yield TensorType.F32;
      }
    };
  }

  /** Notes something that is worth saying of a configuration that can be used. */
  void warn(String warning) {
    notes.warnings().add(warning);
  }

  /** What is worth saying, each once. */
  ImmutableList<String> warnings() {
    return notes.warnings().stream()
        .map(warning -> source + ": " + warning)
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Notes that the configuration contradicts another file. It can be read, but no model should be
   * made of it.
   */
  void conflict(String conflict) {
    notes.conflicts().add(conflict);
  }

  /** The contradictions, each once. */
  ImmutableList<String> conflicts() {
    return notes.conflicts().stream()
        .map(conflict -> source + ": " + conflict)
        .collect(ImmutableList.toImmutableList());
  }

  /** Notes a problem. */
  void refuse(String problem) {
    notes.problems().add(problem);
  }

  boolean hasProblems() {
    return !notes.problems().isEmpty();
  }

  /** Throws if anything was refused, naming all of it. */
  void check() {
    check("");
  }

  /** The same, with what to do about it at the end. */
  void check(String remedy) {
    if (!notes.problems().isEmpty()) {
      throw refusal(Listing.of(notes.problems(), "; ") + remedy);
    }
  }

  /** The exception that refuses the whole configuration. */
  CheckpointException refusal(String why) {
    return new CheckpointException(source + " cannot be used: " + why);
  }

  private static boolean isNothing(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  /** A value of the file, fit for a message. */
  static String shown(JsonNode node) {
    String text = node.isContainerNode() ? node.toString() : node.asText();
    if (node.isContainerNode() && node.size() > LARGEST_SHOWN) {
      return "a long " + node.getNodeType();
    }
    boolean plain = node.isBoolean() || (node.isNumber() && text.length() <= LONGEST_NUMBER);
    return plain ? text : Quoted.of(text);
  }
}
