package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.TensorType;
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

  /** The activation's names, the usual one first. */
  private static final ImmutableSet<String> SILU = ImmutableSet.of("silu", "swish");

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
      refuse(
          String.format(
              Locale.ROOT, "%s must be an object but is %s", prefix + field, shown(node)));
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
      refuse(
          String.format(
              Locale.ROOT,
              "%s must be a list of integers between %d and %d, but is %s",
              prefix + field,
              least,
              most,
              shown(node)));
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

  @Override
  public double share(String field, double fallback) {
    JsonNode node = get(field);
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

  @Override
  public boolean flag(String field, boolean fallback) {
    JsonNode node = get(field);
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

  @Override
  public String text(String field, String fallback) {
    JsonNode node = get(field);
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

  @Override
  public String choice(String field, List<String> choices) {
    String value = text(field, choices.get(0));
    if (choices.contains(value)) {
      return value;
    }
    refuse(
        String.format(
            Locale.ROOT,
            "%s must be one of %s but is %s",
            prefix + field,
            String.join(", ", choices),
            Quoted.of(value)));
    return choices.get(0);
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
  public int dividedHeadDimension(int hidden, int heads) {
    OptionalInt stated = optionalInteger("head_dim", 1, LARGEST_WIDTH);
    if (hidden % heads != 0) {
      refuse(
          String.format(Locale.ROOT, "hidden size %d is no multiple of %d heads", hidden, heads));
      return 2;
    }
    if (stated.isPresent() && stated.getAsInt() != hidden / heads) {
      refuse(
          String.format(
              Locale.ROOT,
              "head_dim is %d, but only hidden size %d divided by %d heads is supported",
              stated.getAsInt(),
              hidden,
              heads));
    }
    return hidden / heads;
  }

  @Override
  public void supportsOnlySilu(String field, String fallback) {
    supportsOnly(field, SILU, fallback);
  }

  @Override
  public void supportsOnly(String field, String supported, String fallback) {
    supportsOnly(field, ImmutableSet.of(supported), fallback);
  }

  private void supportsOnly(String field, ImmutableSet<String> supported, String fallback) {
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

  @Override
  public void supportsOnly(String field, boolean supported, boolean fallback) {
    boolean value = flag(field, fallback);
    if (value != supported) {
      refuse(String.format(Locale.ROOT, "%s is %s; only %s is supported", field, value, supported));
    }
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
