package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.text.internal.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The fields of a JSON object, with what was noted of them. What is in an object within is noted
 * where the whole is.
 */
final class JsonFields implements ConfigFields {
  /** Objects and lists of more elements are not shown in messages. */
  private static final int LARGEST_SHOWN = 8;

  private static final int LONGEST_NUMBER = 40;

  private final String source;
  private final JsonNode json;
  private final String modelClass;

  /** What stands before a field's name in messages. */
  private final String prefix;

  private final FieldNotes notes;

  /** Reads fields of {@code json}, which messages call {@code source}. */
  JsonFields(String source, JsonNode json) {
    this(source, json, "", "", new FieldNotes());
  }

  private JsonFields(
      String source, JsonNode json, String modelClass, String prefix, FieldNotes notes) {
    this.source = source;
    this.json = json;
    this.modelClass = modelClass;
    this.prefix = prefix;
    this.notes = notes;
  }

  /** The same fields as those of a class. */
  JsonFields of(String readClass) {
    return new JsonFields(source, json, readClass, prefix, notes);
  }

  /** The same fields, of which nothing is noted but which were asked for. */
  JsonFields quietly() {
    return new JsonFields(source, json, modelClass, prefix, notes.ofReadingOnly());
  }

  /** The fields of an object within; empty where it is absent. */
  Optional<JsonFields> object(String field) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return Optional.empty();
    }
    if (!node.isObject()) {
      refuseValue(field, "an object", node);
      return Optional.empty();
    }
    return Optional.of(
        new JsonFields(source, node, modelClass, prefix + field + ".", notes.within()));
  }

  private JsonNode get(String field) {
    notes.read().add(field);
    return json.path(field);
  }

  @Override
  public String modelClass() {
    return modelClass;
  }

  /** The names of the fields that are there. */
  ImmutableList<String> names() {
    return ImmutableList.copyOf(json.fieldNames());
  }

  @Override
  public OptionalInt optionalInteger(String field, int least, int most) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return OptionalInt.empty();
    }
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (value != Math.rint(value) || value < least || value > most) {
      refuseValue(field, "an integer between " + least + " and " + most, node);
      return OptionalInt.of(least);
    }
    return OptionalInt.of((int) value);
  }

  @Override
  public ImmutableList<Integer> integers(String field, int least, int most) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<Integer> values = ImmutableList.builder();
    boolean sound = node.isArray() && node.size() <= MOST_LAYERS;
    if (sound) {
      for (JsonNode element : node) {
        double value = element.isNumber() ? element.doubleValue() : Double.NaN;
        sound &= value == Math.rint(value) && value >= least && value <= most;
        values.add((int) value);
      }
    }
    if (!sound) {
      refuseValue(field, "a list of integers between " + least + " and " + most, node);
      return ImmutableList.of();
    }
    return values.build();
  }

  /**
   * The token ids of a field that holds one or a list of them. An id that the model has no row for
   * is none: published files write -1, or an id of another vocabulary, where they mean no token.
   */
  ImmutableList<Integer> tokens(String field, int rows) {
    JsonNode node = get(field);
    ImmutableList.Builder<Integer> values = ImmutableList.builder();
    List<String> strange = new ArrayList<>();
    for (JsonNode element : node.isArray() ? node : List.of(node)) {
      if (isNothing(element)) {
        continue;
      }
      double id = element.isNumber() ? element.doubleValue() : Double.NaN;
      if (id != Math.rint(id)) {
        refuseValue(field, "a token id or a list of them", element);
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

  /** The token of a field, the first where it lists several. */
  OptionalInt token(String field, int rows) {
    return tokens(field, rows).stream().mapToInt(Integer::intValue).findFirst();
  }

  @Override
  public OptionalDouble optionalNumber(String field, double least) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return OptionalDouble.empty();
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue()) || node.doubleValue() < least) {
      refuseValue(field, "a number of at least " + least, node);
      return OptionalDouble.of(least);
    }
    return OptionalDouble.of(node.doubleValue());
  }

  @Override
  public double share(String field, double fallback) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return fallback;
    }
    if (!node.isNumber() || !(node.doubleValue() > 0 && node.doubleValue() < 1)) {
      refuseValue(field, "a number above 0 and below 1", node);
      return fallback;
    }
    return node.doubleValue();
  }

  @Override
  public boolean flag(String field, boolean fallback) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return fallback;
    }
    if (!node.isBoolean()) {
      refuseValue(field, "true or false", node);
      return fallback;
    }
    return node.booleanValue();
  }

  @Override
  public String text(String field, String fallback) {
    JsonNode node = get(field);
    if (isNothing(node)) {
      return fallback;
    }
    if (!node.isTextual()) {
      refuseValue(field, "a text", node);
      return fallback;
    }
    return node.textValue();
  }

  @Override
  public String choice(String field, List<String> choices) {
    String value = text(field, choices.get(0));
    if (choices.contains(value)) {
      return value;
    }
    refuseValue(field, "one of " + String.join(", ", choices), json.path(field));
    return choices.get(0);
  }

  private void refuseValue(String field, String wanted, JsonNode node) {
    refuse(prefix + field + " must be " + wanted + " but is " + shown(node));
  }

  @Override
  public Rotary rotary(int maxPositions) {
    return RotaryRules.read(this, maxPositions, OptionalDouble.empty());
  }

  @Override
  public Rotary partialRotary(int maxPositions, double fallback) {
    return RotaryRules.read(
        this, maxPositions, OptionalDouble.of(number("partial_rotary_factor", fallback, 0)));
  }

  @Override
  public void refuseIfThere(String field, String meaning) {
    JsonNode node = get(field);
    if (!isNothing(node)) {
      refuse(FieldRules.refusal(field, node, meaning));
    }
  }

  @Override
  public void harmless(String... fields) {
    notes.harmless().addAll(List.of(fields));
  }

  @Override
  public void otherName(String other, String field) {
    notes.otherNames().put(other, field);
  }

  @Override
  public boolean has(String field) {
    notes.read().add(field);
    return json.has(field);
  }

  @Override
  public boolean isNull(String field) {
    return isNothing(get(field));
  }

  /** Hands the field's value to {@code action} where it is there and not null. */
  void ifPresent(String field, Consumer<JsonNode> action) {
    JsonNode node = get(field);
    if (!isNothing(node)) {
      action.accept(node);
    }
  }

  @Override
  public void warn(String warning) {
    notes.warnings().add(warning);
  }

  /** What is worth saying, each once. */
  ImmutableList<String> warnings() {
    return withSource(notes.warnings());
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
    return withSource(notes.conflicts());
  }

  private ImmutableList<String> withSource(Set<String> texts) {
    return texts.stream()
        .map(text -> source + ": " + text)
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public void refuse(String problem) {
    notes.problems().add(problem);
  }

  boolean hasProblems() {
    return !notes.problems().isEmpty();
  }

  /** What was noted of the fields that were asked for, and of those that need not be. */
  FieldNotes notes() {
    return notes;
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
