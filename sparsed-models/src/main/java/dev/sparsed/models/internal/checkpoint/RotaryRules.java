package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.text.internal.Quoted;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The rotation that a configuration asks for. Scaled frequencies change every position; running
 * without the scaling would be silently wrong, so that every kind is refused that is not computed.
 */
final class RotaryRules {
  private static final String PLAIN = "default";

  /** Where the rotation's settings may lie, in files of newer and of older libraries. */
  private static final ImmutableList<String> OBJECTS =
      ImmutableList.of("rope_parameters", "rope_scaling");

  private static final ImmutableList<String> TYPES = ImmutableList.of("rope_type", "type");

  private static final ImmutableSet<String> FIELDS =
      ImmutableSet.of(
          "rope_type", "type", "rope_theta", "partial_rotary_factor", "factor", "attention_factor");

  /** Say how to stretch, which is of no account where nothing is stretched. */
  private static final ImmutableSet<String> STRETCHING_FIELDS =
      ImmutableSet.of(
          "original_max_position_embeddings",
          "beta_fast",
          "beta_slow",
          "low_freq_factor",
          "high_freq_factor",
          "mscale",
          "mscale_all_dim",
          "truncate");

  private final JsonFields fields;
  private final int maxPositions;
  private final boolean partial;
  private OptionalDouble base;
  private OptionalDouble share = OptionalDouble.empty();
  private Optional<Rotary.Scaling> scaling = Optional.empty();

  private RotaryRules(JsonFields fields, int maxPositions, boolean partial) {
    this.fields = fields;
    this.maxPositions = maxPositions;
    this.partial = partial;
    this.base = fields.optionalNumber("rope_theta", 1);
  }

  /**
   * Reads the rotation.
   *
   * @param fields the configuration
   * @param maxPositions positions that the model was trained for, where nothing else is said
   * @param share the part of each head that is rotated, where the settings do not say; empty if
   *     only whole heads are supported
   */
  static Rotary read(JsonFields fields, int maxPositions, OptionalDouble share) {
    RotaryRules rules = new RotaryRules(fields, maxPositions, share.isPresent());
    for (String name : OBJECTS) {
      fields.object(name).ifPresent(parameters -> rules.add(name, parameters));
    }
    Rotary rotary =
        Rotary.of(rules.base.orElse(10_000)).withShare(rules.share.orElse(share.orElse(1)));
    return rules.scaling.map(rotary::scaledBy).orElse(rotary);
  }

  /** Both objects may be there; what they say must agree. */
  private void add(String name, JsonFields parameters) {
    OptionalDouble inner = parameters.optionalNumber("rope_theta", 1);
    if (base.isPresent() && inner.isPresent() && !base.equals(inner)) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "rope_theta is given twice, as %s and in %s as %s",
              base.getAsDouble(),
              name,
              inner.getAsDouble()));
    }
    base = base.isPresent() ? base : inner;
    Optional<Rotary.Scaling> stretched = scaling(name, parameters);
    if (scaling.isPresent() && stretched.isPresent() && !scaling.equals(stretched)) {
      fields.refuse("rope_parameters and rope_scaling stretch rotary positions differently");
    }
    scaling = scaling.isPresent() ? scaling : stretched;
    OptionalDouble part = parameters.optionalNumber("partial_rotary_factor", 0);
    if (partial) {
      share = part.isPresent() ? part : share;
    } else if (part.orElse(1) != 1) {
      parameters.refuse(name + ".partial_rotary_factor is not 1; only whole heads are rotated");
    }
  }

  private Optional<Rotary.Scaling> scaling(String name, JsonFields parameters) {
    String type = PLAIN;
    for (String field : TYPES) {
      type = type.equals(PLAIN) ? parameters.text(field, PLAIN) : type;
    }
    double factor =
        parameters.number("factor", type.equals("yarn") ? yarnFactor(parameters) : 1, 1);
    OptionalDouble attention = parameters.optionalNumber("attention_factor", 0);
    refuseUnknown(name, parameters, !type.equals(PLAIN));
    Optional<Rotary.Scaling> read = Optional.empty();
    switch (type) {
      case PLAIN -> {
        if (factor != 1) {
          parameters.refuse(
              String.format(
                  Locale.ROOT, "%s has the factor %s without a type that uses it", name, factor));
        }
      }
      case "linear" -> read = factor == 1 ? read : Optional.of(new Rotary.Scaling.Linear(factor));
      case "dynamic" -> read = Optional.of(new Rotary.Scaling.DynamicNtk(factor, maxPositions));
      case "yarn" -> {
        Rotary.Scaling yarn = yarn(parameters, factor, attention);
        return factor == 1 && yarn.attentionFactor() == 1 ? read : Optional.of(yarn);
      }
      default -> {
        // Another stretching by a factor of 1 is none.
        if (!type.equals("llama3") || factor != 1) {
          parameters.refuse(
              String.format(
                  Locale.ROOT,
                  "%s of type %s is not supported; default, linear, dynamic and yarn are",
                  name,
                  Quoted.of(type)));
        }
      }
    }
    if (attention.orElse(1) != 1) {
      parameters.refuse(
          name + ".attention_factor is not 1, which has a meaning for type \"yarn\" only");
    }
    return read;
  }

  /** What the published code takes where the factor is left open. */
  private double yarnFactor(JsonFields parameters) {
    return Math.max(1, (double) maxPositions / trainedPositions(parameters));
  }

  private int trainedPositions(JsonFields parameters) {
    return parameters.integer(
        "original_max_position_embeddings", maxPositions, 1, Integer.MAX_VALUE);
  }

  private Rotary.Scaling yarn(JsonFields parameters, double factor, OptionalDouble attention) {
    double scale = parameters.number("mscale", 0, 0);
    double all = parameters.number("mscale_all_dim", 0, 0);
    double suggested =
        scale > 0 && all > 0
            ? Rotary.Scaling.Yarn.attentionFactor(factor, scale)
                / Rotary.Scaling.Yarn.attentionFactor(factor, all)
            : Rotary.Scaling.Yarn.attentionFactor(factor, 1);
    return new Rotary.Scaling.Yarn(
        factor,
        trainedPositions(parameters),
        orIfZero(parameters.number("beta_fast", 32, 0), 32),
        orIfZero(parameters.number("beta_slow", 1, 0), 1),
        parameters.flag("truncate", true),
        attention.orElse(suggested));
  }

  /** The published code takes 0 for absent. */
  private static double orIfZero(double value, double fallback) {
    return value == 0 ? fallback : value;
  }

  private static void refuseUnknown(String name, JsonFields parameters, boolean stretches) {
    for (String other : parameters.names()) {
      boolean known = FIELDS.contains(other) || (stretches && STRETCHING_FIELDS.contains(other));
      if (!known && !parameters.isNull(other)) {
        parameters.refuse(
            String.format(
                Locale.ROOT, "%s has the field %s, which is not known", name, Quoted.of(other)));
      }
    }
  }
}
