package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.internal.checkpoint.FieldRules.Refused;
import dev.sparsed.text.internal.Quoted;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What becomes of the fields of a configuration that its reader has not asked for. Each is
 * harmless, another name of one that was asked for, or refused where it asks for something that is
 * not computed; whatever is none of these is unknown, which is worth a warning.
 *
 * @param harmless fields that change nothing, whoever reads
 * @param refused fields that are refused unless the reader asks for them
 */
record FieldRules(ImmutableSet<String> harmless, ImmutableMap<String, FieldRules.Refused> refused) {

  /**
   * A field that is refused.
   *
   * @param meaning what it would mean, as the end of a sentence
   * @param saysNothing true for values under which the model is the one that is computed
   */
  record Refused(String meaning, Predicate<JsonNode> saysNothing) {}

  /** Refuses what changes results and warns of what is not known, when everything was read. */
  void apply(JsonNode json, JsonFields fields) {
    FieldNotes notes = fields.notes();
    ImmutableList.Builder<String> unknown = ImmutableList.builder();
    for (String name : fields.names()) {
      JsonNode value = json.path(name);
      // What the family says of a field counts before what is said of all.
      if (value.isNull() || notes.read().contains(name) || notes.harmless().contains(name)) {
        continue;
      }
      Refused rule = refused.get(name);
      String ours = notes.otherNames().get(name);
      if (rule != null) {
        if (!rule.saysNothing().test(value)) {
          fields.refuse(refusal(name, value, rule.meaning()));
        }
      } else if (ours != null) {
        if (!isSame(value, json.path(ours))) {
          fields.refuse(
              String.format(
                  Locale.ROOT,
                  "%s is %s, but this model class calls it %s, which is %s",
                  name,
                  JsonFields.shown(value),
                  ours,
                  json.has(ours) ? JsonFields.shown(json.path(ours)) : "missing"));
        }
      } else if (!isHarmless(name)) {
        unknown.add(Quoted.of(name));
      }
    }
    if (!unknown.build().isEmpty()) {
      fields.warn("fields that are not known here are passed over: " + Listing.of(unknown.build()));
    }
  }

  private boolean isHarmless(String name) {
    return name.startsWith("_") || harmless.contains(name);
  }

  /** Says that a field's value is not computed. */
  static String refusal(String name, JsonNode value, String meaning) {
    return String.format(
        Locale.ROOT,
        "%s is %s, which means %s; this is not supported",
        name,
        JsonFields.shown(value),
        meaning);
  }

  /** Numbers are compared by value: 64 is 64.0. */
  private static boolean isSame(JsonNode one, JsonNode other) {
    boolean numbers = one.isNumber() && other.isNumber();
    return numbers ? one.doubleValue() == other.doubleValue() : one.equals(other);
  }
}
