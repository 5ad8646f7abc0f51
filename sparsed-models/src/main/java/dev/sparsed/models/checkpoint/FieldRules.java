package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.Quoted;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What a family makes of the fields of its {@code config.json}. Each is honoured, harmless, another
 * name of an honoured one, or refused where it asks for something that is not computed here;
 * whatever is in none of the lists is unknown, which is worth a warning.
 *
 * @param honoured fields that the family's reader heeds
 * @param harmless fields that change nothing about what the model computes
 * @param otherNames names that other families have for an honoured field, with that field
 * @param refused fields that change what the model computes, unless their value says nothing
 */
record FieldRules(
    ImmutableSet<String> honoured,
    ImmutableSet<String> harmless,
    ImmutableMap<String, String> otherNames,
    ImmutableMap<String, Refused> refused) {

  /**
   * A field that is refused.
   *
   * @param meaning what it would mean, as the end of a sentence
   * @param saysNothing true for values under which the model is the one that is computed
   */
  record Refused(String meaning, Predicate<JsonNode> saysNothing) {}

  /** Refuses what changes results and warns of what is not known. */
  void apply(JsonNode json, ConfigFields fields) {
    ImmutableList.Builder<String> unknown = ImmutableList.builder();
    for (String name : fields.names()) {
      JsonNode value = json.path(name);
      Refused rule = refused.get(name);
      String ours = otherNames.get(name);
      if (value.isNull() || honoured.contains(name)) {
        continue;
      }
      if (rule != null) {
        if (!rule.saysNothing().test(value)) {
          fields.refuse(
              String.format(
                  Locale.ROOT,
                  "%s is %s, which means %s; this is not supported",
                  name,
                  ConfigFields.shown(value),
                  rule.meaning()));
        }
      } else if (ours != null) {
        if (!isSame(value, json.path(ours))) {
          fields.refuse(
              String.format(
                  Locale.ROOT,
                  "%s is %s, but this model class calls it %s, which is %s",
                  name,
                  ConfigFields.shown(value),
                  ours,
                  json.has(ours) ? ConfigFields.shown(json.path(ours)) : "missing"));
        }
      } else if (!harmless.contains(name) && !name.startsWith("_")) {
        unknown.add(Quoted.of(name));
      }
    }
    if (!unknown.build().isEmpty()) {
      fields.warn("fields that are not known here are passed over: " + Listing.of(unknown.build()));
    }
  }

  /** Numbers are compared by value: 64 is 64.0. */
  private static boolean isSame(JsonNode one, JsonNode other) {
    boolean numbers = one.isNumber() && other.isNumber();
    return numbers ? one.doubleValue() == other.doubleValue() : one.equals(other);
  }
}
