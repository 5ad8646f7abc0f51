package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.cli.options.GivenLengths;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.internal.checkpoint.CheckpointSummary;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import dev.sparsed.models.internal.checkpoint.MemoryNeed;
import dev.sparsed.models.internal.checkpoint.PublishedJson;
import dev.sparsed.models.internal.checkpoint.QuantizedWeights;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code inspect}. */
@Command(
    name = "inspect",
    sortOptions = false,
    description = {
      "Shows a checkpoint's model, its weights, the memory that a generation needs, and everything"
          + " for which the checkpoint would be refused, or which is passed over.",
      "The exit code is 1 if the checkpoint would be refused."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed inspect -m GSAI-ML/LLaDA-1.5",
      "  ./sparsed inspect -m ./Dream-7B --context 32k --dtype bfloat16",
      "  ./sparsed inspect --json"
    })
final class InspectCommand implements Callable<Integer> {

  @Option(
      names = {"-m", "--model_path"},
      paramLabel = "DIR_OR_ID",
      description =
          "Folder of a Hugging Face checkpoint, or a repository such as owner/name in the local"
              + " Hugging Face cache (default: the small demo model).")
  private @Nullable String modelPath;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "float32, bfloat16 or float16: what the memory is estimated for (default: as stored).")
  private @Nullable String dtype;

  @Option(
      names = "--weights",
      paramLabel = "BITS",
      description =
          "Weights to estimate memory for: stored, q8 or q4, such as q4,head=q8 (default: as"
              + " stored).")
  private @Nullable String weights;

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "4096",
      description =
          "Tokens, prompt and generation together, such as 5000 or 8k (default: ${DEFAULT-VALUE}).")
  private String contextTokens = "4096";

  @Option(
      names = {"-n", "--seq_len"},
      paramLabel = "N",
      defaultValue = "128",
      description = "How many of them are generated (default: ${DEFAULT-VALUE}).")
  private int generationLength;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      defaultValue = "" + AttentionPolicy.PUBLISHED_BLOCK,
      description = "Tokens per block of SparseD's patterns (default: ${DEFAULT-VALUE}).")
  private int blockSize;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() {
    int context = context();
    if (generationLength < 1 || blockSize < 1) {
      throw new BadUseException(
          String.format(
              Locale.ROOT,
              "--seq_len and --block_size must be at least 1 but are %s and %s",
              generationLength,
              blockSize));
    }
    Optional<Precision> precision = precision();
    ModelArguments.Location location = ModelArguments.Location.of(modelPath);
    CheckpointSummary summary = CheckpointSummary.of(location.folder());
    Optional<WeightScheme> scheme = scheme();
    Optional<MemoryNeed> memory =
        summary.config().map(config -> memory(summary, config, precision, scheme, context));
    if (output.json()) {
      Json.print(spec.commandLine().getOut(), json(location, summary, context, memory));
    } else {
      print(spec.commandLine().getOut(), location, summary, context, memory);
    }
    return summary.refusals().isEmpty() ? 0 : 1;
  }

  private MemoryNeed memory(
      CheckpointSummary summary,
      ModelConfig config,
      Optional<Precision> precision,
      Optional<WeightScheme> scheme,
      int context) {
    Precision type = precision.or(summary::weightType).orElse(config.weightType());
    int generated = Math.min(generationLength, context);
    MemoryNeed need = MemoryNeed.of(config, type, context, generated, blockSize);
    if (summary.isQuantized()) {
      return need.withWeights(summary.bytes());
    }
    return scheme
        .map(given -> need.withWeights(QuantizedWeights.bytes(given, config, type)))
        .orElse(need);
  }

  private Optional<WeightScheme> scheme() {
    try {
      return Optional.ofNullable(weights).map(WeightScheme::parse);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private Optional<Precision> precision() {
    try {
      return Optional.ofNullable(dtype).map(Precision::of);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private int context() {
    try {
      return GivenLengths.one("--context", contextTokens);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private static void print(
      PrintWriter out,
      ModelArguments.Location location,
      CheckpointSummary summary,
      int context,
      Optional<MemoryNeed> memory) {
    out.printf(Locale.ROOT, "%s (%s)%n", location.name(), location.folder());
    summary.config().ifPresent(config -> out.println(architecture(config)));
    summary
        .generation()
        .ifPresent(generation -> out.println(specialTokens(generation, summary.tokens())));
    out.printf(
        Locale.ROOT,
        "%,d parameters in %d tensors, %d files, %s%n",
        summary.parameters(),
        summary.tensors(),
        summary.files(),
        Bytes.text(summary.bytes()));
    summary
        .contents()
        .forEach(
            (type, content) ->
                out.printf(
                    Locale.ROOT,
                    "  %s: %,d parameters in %d tensors, %s%n",
                    type,
                    content.parameters(),
                    content.tensors(),
                    Bytes.text(content.bytes())));
    memory.ifPresent(need -> print(out, context, need));
    if (!summary.warnings().isEmpty()) {
      out.println("Worth knowing:");
      summary.warnings().forEach(warning -> out.println("  " + warning));
    }
    if (summary.refusals().isEmpty()) {
      out.println("This checkpoint can be used.");
    } else {
      out.println("This checkpoint would be refused:");
      summary.refusals().forEach(refusal -> out.println("  " + refusal));
    }
    out.flush();
  }

  private static void print(PrintWriter out, int context, MemoryNeed need) {
    out.printf(
        Locale.ROOT,
        "Memory for %d tokens, estimated: %s (Java and LibTorch %s, weights %s, kept keys and values"
            + " %s, one layer %s, patterns %s, building one %s, logits %s)%n",
        context,
        Bytes.text(need.total()),
        Bytes.text(need.base()),
        Bytes.text(need.weights()),
        Bytes.text(need.kept()),
        Bytes.text(need.activations()),
        Bytes.text(need.pattern()),
        Bytes.text(need.scores()),
        Bytes.text(need.logits()));
  }

  private static String architecture(ModelConfig config) {
    Architecture model = config.architecture();
    return String.format(
            Locale.ROOT,
            "%s: %d layers, width %d, %d heads, %d key/value heads of %d, feed-forward %d,",
            config.modelClass(),
            model.layers(),
            model.hiddenSize(),
            model.heads(),
            model.kvHeads(),
            model.headDimension(),
            model.feedForwardSize())
        + model.experts().map(InspectCommand::experts).orElse("")
        + String.format(
            Locale.ROOT,
            " vocabulary %d, trained for %d positions, rotary base %s%s, norm epsilon %s",
            model.vocabularySize(),
            model.maxPositions(),
            model.rotary().base(),
            model.rotary().scaling().map(scaling -> " with " + scaling.published()).orElse(""),
            model.normEpsilon());
  }

  private static String experts(Experts experts) {
    return String.format(
        Locale.ROOT,
        " %d of %d experts of %d per token%s,",
        experts.perToken(),
        experts.count(),
        experts.feedForwardSize(),
        experts.sharedSize() == 0 ? "" : " and a shared one of " + experts.sharedSize());
  }

  private static String specialTokens(GenerationConfig generation, Map<Integer, String> names) {
    String ends =
        generation.endTokens().stream()
            .map(id -> token(id, names))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "Mask token %s, end of text %s",
        token(generation.maskToken(), names),
        ends.isEmpty() ? "unknown" : ends);
  }

  private static String token(int id, Map<Integer, String> names) {
    return names.containsKey(id) ? id + " (" + names.get(id) + ")" : Integer.toString(id);
  }

  private static ObjectNode json(
      ModelArguments.Location location,
      CheckpointSummary summary,
      int context,
      Optional<MemoryNeed> memory) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model", location.name()).put("folder", location.folder().toString());
    summary
        .config()
        .map(config -> summary.weightType().map(config::withWeightType).orElse(config))
        .flatMap(PublishedJson::text)
        .ifPresent(config -> root.set("config", Json.read(config)));
    summary
        .generation()
        .ifPresent(
            generation -> {
              root.put("mask_token", generation.maskToken());
              ArrayNode ends = root.putArray("end_tokens");
              generation.endTokens().forEach(ends::add);
            });
    ObjectNode names = root.putObject("token_names");
    summary.tokens().forEach((id, name) -> names.put(id.toString(), name));
    summary
        .config()
        .map(ModelConfig::architecture)
        .ifPresent(
            model ->
                root.put("rotary_base", model.rotary().base())
                    .put("norm_epsilon", model.normEpsilon())
                    .put("trained_positions", model.maxPositions()));
    root.put("parameters", summary.parameters())
        .put("tensors", summary.tensors())
        .put("files", summary.files())
        .put("bytes", summary.bytes());
    ObjectNode types = root.putObject("types");
    summary
        .contents()
        .forEach(
            (type, content) ->
                types
                    .putObject(type.toString())
                    .put("tensors", content.tensors())
                    .put("parameters", content.parameters())
                    .put("bytes", content.bytes()));
    memory.ifPresent(
        need ->
            root.putObject("memory")
                .put("context", context)
                .put("base_bytes", need.base())
                .put("weights_bytes", need.weights())
                .put("kept_bytes", need.kept())
                .put("activations_bytes", need.activations())
                .put("pattern_bytes", need.pattern())
                .put("scores_bytes", need.scores())
                .put("logits_bytes", need.logits())
                .put("total_bytes", need.total()));
    ArrayNode warnings = root.putArray("warnings");
    summary.warnings().forEach(warnings::add);
    ArrayNode refusals = root.putArray("refusals");
    summary.refusals().forEach(refusals::add);
    return root;
  }
}
