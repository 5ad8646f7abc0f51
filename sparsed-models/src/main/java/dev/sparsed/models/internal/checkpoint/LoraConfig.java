package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.internal.checkpoint.FieldRules.Refused;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How an adapter in the form of the PEFT library changes weights: {@code adapter_config.json}.
 *
 * @param rank the rank unless a pattern says otherwise
 * @param alpha the scale's numerator unless a pattern says otherwise
 * @param rankPattern ends of module names with their rank
 * @param alphaPattern ends of module names with their alpha
 * @param rootOfRank whether the scale is divided by the root of the rank rather than by the rank
 * @param targets names of modules that are adapted, as far as they are listed
 * @param warnings what is worth saying of it
 */
record LoraConfig(
    int rank,
    double alpha,
    ImmutableMap<String, Double> rankPattern,
    ImmutableMap<String, Double> alphaPattern,
    boolean rootOfRank,
    ImmutableList<String> targets,
    ImmutableList<String> warnings) {

  private static final Refused CHANGED_BASE =
      new Refused("that the base model's weights were changed before training", Neutral::empty);

  private static final FieldRules RULES =
      new FieldRules(
          ImmutableSet.of(
              "arrow_config",
              "auto_mapping",
              "base_model_name_or_path",
              "ensure_weight_tying",
              "eva_config",
              "exclude_modules",
              "inference_mode",
              "layers_pattern",
              "layers_to_transform",
              "lora_dropout",
              "megatron_config",
              "megatron_core",
              "peft_version",
              "qalora_group_size",
              "revision",
              "runtime_config",
              "task_type"),
          ImmutableMap.<String, Refused>builder()
              .put(
                  "use_dora",
                  new Refused("weights split into size and direction (DoRA)", Neutral::off))
              .put("bias", new Refused("trained biases", value -> value.asText("").equals("none")))
              .put("lora_bias", new Refused("biases of the adapter", Neutral::off))
              .put(
                  "modules_to_save",
                  new Refused("modules that were trained as a whole", Neutral::empty))
              .put(
                  "layer_replication",
                  new Refused("layers that are there several times", Neutral::empty))
              .put(
                  "trainable_token_indices",
                  new Refused("trained embeddings of tokens", Neutral::empty))
              .put(
                  "target_parameters", new Refused("adapted parameters of experts", Neutral::empty))
              .put(
                  "alora_invocation_tokens",
                  new Refused("an adapter that some tokens switch on", Neutral::empty))
              .put("use_qalora", new Refused("an adapter of quantised weights", Neutral::off))
              .put("loftq_config", CHANGED_BASE)
              .put("corda_config", new Refused(CHANGED_BASE.meaning(), Neutral::never))
              .put(
                  "init_lora_weights",
                  new Refused(CHANGED_BASE.meaning(), LoraConfig::keepsTheBase))
              .buildOrThrow());

  /** Names of modules; PEFT allows regular expressions, of which only escaped dots are read. */
  private static final Pattern MODULE = Pattern.compile("[A-Za-z0-9_.-]+");

  private static final String REMEDY =
      "; merge the adapter with PEFT, or remove its files to use the base model";

  private static final int HIGHEST_RANK = 1 << 20;

  /** Some initialisations put a part of the base model's weights into the adapter. */
  private static boolean keepsTheBase(JsonNode value) {
    return value.isBoolean()
        || ImmutableSet.of("gaussian", "eva", "orthogonal", "lora_ga").contains(value.asText());
  }

  /**
   * Reads the configuration.
   *
   * @throws CheckpointException if it is of another kind than LoRA, or of one that is not merged
   */
  static LoraConfig read(Path file) {
    ObjectNode json = JsonFiles.read(file, Checkpoint.LONGEST_CONFIG);
    JsonFields fields = new JsonFields(file.toString(), json);
    String type = fields.text("peft_type", "LORA");
    if (!type.equals("LORA")) {
      throw fields.refusal(
          "it is an adapter of type " + Quoted.of(type) + "; only LORA is merged" + REMEDY);
    }
    if (fields.flag("fan_in_fan_out", false)) {
      fields.warn("fan_in_fan_out is passed over, as PEFT does for linear layers such as these");
    }
    ImmutableList.Builder<String> targets = ImmutableList.builder();
    // A text is a regular expression, or a word for all modules.
    fields.ifPresent(
        "target_modules",
        modules -> {
          if (modules.isArray()) {
            modules.forEach(module -> targets.add(module.asText()));
          }
        });
    LoraConfig config =
        new LoraConfig(
            fields.integer("r", 8, 1, HIGHEST_RANK),
            fields.number("lora_alpha", 8, 0),
            pattern(fields, json, "rank_pattern", 1),
            pattern(fields, json, "alpha_pattern", 0),
            fields.flag("use_rslora", false),
            targets.build(),
            ImmutableList.of());
    RULES.apply(json, fields);
    fields.check(REMEDY);
    return config.withWarnings(fields.warnings());
  }

  private LoraConfig withWarnings(ImmutableList<String> all) {
    return new LoraConfig(rank, alpha, rankPattern, alphaPattern, rootOfRank, targets, all);
  }

  private static ImmutableMap<String, Double> pattern(
      JsonFields fields, JsonNode json, String field, double least) {
    ImmutableMap.Builder<String, Double> pattern = ImmutableMap.builder();
    fields
        .object(field)
        .ifPresent(
            inner -> {
              for (Map.Entry<String, JsonNode> entry : json.path(field).properties()) {
                String module = entry.getKey().replace("\\.", ".").replaceFirst("^\\^", "");
                if (MODULE.matcher(module).matches()) {
                  pattern.put(module, inner.number(entry.getKey(), least, least));
                } else {
                  inner.refuse(
                      field
                          + " has the regular expression "
                          + Quoted.of(entry.getKey())
                          + "; only names of modules are supported");
                }
              }
            });
    return pattern.buildKeepingLast();
  }

  /** The rank of a module. */
  int rank(String module) {
    return (int) matching(rankPattern, module, rank);
  }

  /** What the product of a module's two matrices is multiplied with. */
  double scale(String module) {
    double divisor = rootOfRank ? Math.sqrt(rank(module)) : rank(module);
    return matching(alphaPattern, module, alpha) / divisor;
  }

  /** The first name in the file's order that the module's name ends in. */
  private static double matching(
      ImmutableMap<String, Double> pattern, String module, double fallback) {
    return pattern.entrySet().stream()
        .filter(entry -> endsIn(module, entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(fallback);
  }

  /** Whether a module's full name is the given one, or ends in it from a dot on. */
  static boolean endsIn(String module, String name) {
    return module.equals(name) || module.endsWith("." + name);
  }
}
