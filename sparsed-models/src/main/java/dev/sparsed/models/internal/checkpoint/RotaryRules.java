package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.Quoted;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The base of the rotary frequencies, and what may be said of them besides.
 *
 * <p>Scaled frequencies change every position; running without the scaling would be silently wrong,
 * so that everything is refused but the plain rotation and what comes to the same.
 */
final class RotaryRules {
  private static final String PLAIN = "default";
  private static final String DYNAMIC = "dynamic";

  /** Where the rotation's settings may lie, in files of newer and of older libraries. */
  private static final ImmutableList<String> OBJECTS =
      ImmutableList.of("rope_parameters", "rope_scaling");

  private static final ImmutableList<String> TYPES = ImmutableList.of("rope_type", "type");

  /** Types that are the plain rotation if they stretch it by a factor of 1. */
  private static final ImmutableSet<String> STRETCHING =
      ImmutableSet.of("linear", DYNAMIC, "yarn", "llama3");

  private static final ImmutableSet<String> FIELDS =
      ImmutableSet.of("rope_type", "type", "rope_theta", "partial_rotary_factor", "factor");

  /** Say how to stretch, which is of no account where nothing is stretched. */
  private static final ImmutableSet<String> STRETCHING_FIELDS =
      ImmutableSet.of(
          "original_max_position_embeddings",
          "beta_fast",
          "beta_slow",
          "low_freq_factor",
          "high_freq_factor",
          "truncate");

  private RotaryRules() {}

  /** The base, which newer files have in {@code rope_parameters}. */
  static double base(JsonFields fields) {
    OptionalDouble stated = fields.optionalNumber("rope_theta", 1);
    for (String name : OBJECTS) {
      Optional<JsonFields> parameters = fields.object(name);
      if (parameters.isEmpty()) {
        continue;
      }
      OptionalDouble inner = base(name, parameters.get());
      if (stated.isPresent() && inner.isPresent() && !stated.equals(inner)) {
        fields.refuse(
            String.format(
                Locale.ROOT,
                "rope_theta is given twice, as %s and in %s as %s",
                stated.getAsDouble(),
                name,
                inner.getAsDouble()));
      }
      stated = stated.isPresent() ? stated : inner;
    }
    return stated.orElse(10_000);
  }

  private static OptionalDouble base(String name, JsonFields parameters) {
    double factor = parameters.number("factor", 1, 0);
    String type = PLAIN;
    for (String field : TYPES) {
      type = type.equals(PLAIN) ? parameters.text(field, PLAIN) : type;
    }
    boolean stretches = STRETCHING.contains(type);
    if (!type.equals(PLAIN) && !(stretches && factor == 1)) {
      parameters.refuse(
          stretches
              ? String.format(
                  Locale.ROOT,
                  "%s of type %s with factor %s is not supported; only the plain rotation is",
                  name,
                  Quoted.of(type),
                  factor)
              : String.format(
                  Locale.ROOT,
                  "%s of type %s is not supported; only \"default\" is",
                  name,
                  Quoted.of(type)));
      return OptionalDouble.empty();
    }
    if (type.equals(PLAIN) && factor != 1) {
      parameters.refuse(
          String.format(
              Locale.ROOT,
              "%s has the factor %s without a type that uses it; only the plain rotation is supported",
              name,
              factor));
    }
    if (type.equals(DYNAMIC)) {
      parameters.warn(
          name
              + " of type 'dynamic' stretches texts that are longer than the model was trained for; here they are not stretched");
    }
    if (parameters.number("partial_rotary_factor", 1, 0) != 1) {
      parameters.refuse(name + ".partial_rotary_factor is not 1; only whole heads are rotated");
    }
    if (parameters.number("attention_factor", 1, 0) != 1) {
      parameters.refuse(name + ".attention_factor is not 1; attention is not scaled by it");
    }
    for (String other : parameters.names()) {
      boolean known =
          FIELDS.contains(other)
              || other.equals("attention_factor")
              || (stretches && STRETCHING_FIELDS.contains(other));
      if (!known && !parameters.isNull(other)) {
        parameters.refuse(
            String.format(
                Locale.ROOT, "%s has the field %s, which is not known", name, Quoted.of(other)));
      }
    }
    return parameters.optionalNumber("rope_theta", 1);
  }
}
