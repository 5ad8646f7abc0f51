package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.text.TokenizerSchema.Field;
import dev.sparsed.text.internal.Quoted;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks a tokenizer definition in full before native code sees it, where many kinds of wrong
 * definition end the process instead of failing. Only what is known is let through: the components
 * of published tokenizers with their fields, in orders of which the native code is sound, and with
 * bounds on what they make of a text.
 */
final class TokenizerCheck {

  /** Far above any vocabulary; keeps every id an int with room to spare. */
  static final int MAX_ID = 1 << 24;

  private static final String SEQUENCE = "Sequence";
  private static final int MAX_COMPONENTS = 64;

  private final String source;
  private final String mergesSource;
  private final Map<Integer, Component> postProcessed = new LinkedHashMap<>();
  private NormalizerRules.Normalization normalization = NormalizerRules.check(ImmutableList.of());
  private ImmutableList<TextLimits.Step> preTokenization = ImmutableList.of();
  private ImmutableList<TextLimits.Step> model = ImmutableList.of();
  private double decodedGrowth = 2;

  private TokenizerCheck(String source, String mergesSource) {
    this.source = source;
    this.mergesSource = mergesSource;
  }

  /**
   * What a checked definition does.
   *
   * @param steps from a text to tokens
   * @param removal what its normalizers may remove from a text
   * @param postProcessed ids of tokens that its post-processors add
   * @param decodedGrowth how many times as long as its tokens a decoded text is at most
   */
  record Checked(
      ImmutableList<TextLimits.Step> steps,
      NormalizerRules.Removal removal,
      ImmutableMap<Integer, Component> postProcessed,
      double decodedGrowth) {}

  /**
   * Checks a definition and takes out its truncation and padding, which are settings of a training
   * run and not of the vocabulary.
   *
   * @param source the file to name in messages
   * @param mergesSource the file to name in messages about merges
   * @throws TokenizerException if anything in the definition is not known to be safe
   */
  static Checked check(ObjectNode definition, String source, String mergesSource) {
    TokenizerCheck check = new TokenizerCheck(source, mergesSource);
    definition.putNull("truncation");
    definition.putNull("padding");
    for (Iterator<String> names = definition.fieldNames(); names.hasNext(); ) {
      check.part(names.next(), definition);
    }
    if (!definition.has("model")) {
      throw refused(source, "model", "is missing");
    }
    return new Checked(
        ImmutableList.<TextLimits.Step>builder()
            .addAll(check.normalization.steps())
            .addAll(check.preTokenization)
            .addAll(check.model)
            .build(),
        check.normalization.removal(),
        ImmutableMap.copyOf(check.postProcessed),
        check.decodedGrowth);
  }

  private void part(String name, ObjectNode definition) {
    JsonNode node = definition.path(name);
    switch (name) {
      case "version" -> {
        if (!node.asText().equals("1.0")) {
          throw refused(source, name, "is " + excerpt(node) + "; only \"1.0\" is known");
        }
      }
      case "truncation", "padding" -> {}
      case "added_tokens" -> AddedTokenRules.fields(source, node);
      case "normalizer" ->
          normalization =
              NormalizerRules.check(
                  components(name, node, TokenizerSchema.NORMALIZERS, "normalizers"));
      case "pre_tokenizer" ->
          preTokenization =
              PreTokenizerRules.check(
                  components(name, node, TokenizerSchema.PRE_TOKENIZERS, "pretokenizers"));
      case "post_processor" ->
          PostProcessorRules.check(
              components(name, node, TokenizerSchema.POST_PROCESSORS, "processors"), postProcessed);
      case "decoder" ->
          decodedGrowth =
              DecoderRules.check(components(name, node, TokenizerSchema.DECODERS, "decoders"));
      case "model" -> {
        if (!node.has("type") && node.has("merges") && node instanceof ObjectNode object) {
          object.put("type", "BPE"); // files from before the type was written
        }
        Component component = component(name, node, TokenizerSchema.MODELS);
        model = new ModelRules(component, mergesSource).check(definition.path("pre_tokenizer"));
      }
      default ->
          throw refused(
              source, "the field " + Quoted.of(name), "is not a known part of a tokenizer");
    }
  }

  /** The components of a part in the order in which they run, none where it is null. */
  private List<Component> components(
      String where,
      JsonNode node,
      ImmutableMap<String, ImmutableMap<String, Field>> known,
      String sequenceField) {
    List<Component> components = new ArrayList<>();
    if (!node.isNull()) {
      collect(where, node, known, sequenceField, components);
    }
    return components;
  }

  private void collect(
      String where,
      JsonNode node,
      ImmutableMap<String, ImmutableMap<String, Field>> known,
      String sequenceField,
      List<Component> components) {
    if (!SEQUENCE.equals(node.path("type").asText())) {
      components.add(component(where, node, known));
      return;
    }
    JsonNode steps = node.path(sequenceField);
    if (!steps.isArray() || node.size() != 2) {
      throw refused(
          source, where, "is a Sequence with other fields than a list of " + sequenceField);
    }
    for (int i = 0; i < steps.size(); i++) {
      if (components.size() >= MAX_COMPONENTS) {
        throw refused(
            source, where, "has more than the " + MAX_COMPONENTS + " steps that are supported");
      }
      collect(
          where + "." + sequenceField + "[" + i + "]",
          steps.path(i),
          known,
          sequenceField,
          components);
    }
  }

  private Component component(
      String where, JsonNode node, ImmutableMap<String, ImmutableMap<String, Field>> known) {
    if (!node.isObject() || !node.path("type").isTextual()) {
      throw refused(source, where, "is not an object with a type");
    }
    String type = node.path("type").textValue();
    ImmutableMap<String, Field> schema = known.get(type);
    if (schema == null) {
      throw refused(
          source,
          where + ".type",
          "is " + Quoted.of(type) + "; supported are " + String.join(", ", known.keySet()));
    }
    Component component = new Component(source, where, type, node);
    ComponentFields.check(component, schema);
    return component;
  }

  static TokenizerException refused(String source, String where, String why) {
    return new TokenizerException(
        source
            + ": "
            + where
            + " "
            + why
            + "; download the checkpoint again, or use the tokenizer that its model was published"
            + " with");
  }

  static boolean isInt(JsonNode value, int least, int most) {
    return value.isIntegralNumber()
        && value.canConvertToInt()
        && value.intValue() >= least
        && value.intValue() <= most;
  }

  /** The beginning of a value, fit for a message. */
  static String excerpt(JsonNode value) {
    if (value.isMissingNode()) {
      return "missing";
    }
    if (value.isTextual()) {
      return Quoted.of(value.textValue());
    }
    return value.isContainerNode()
        ? (value.isArray() ? "a list" : "an object") + " of " + value.size() + " elements"
        : value.asText();
  }
}
