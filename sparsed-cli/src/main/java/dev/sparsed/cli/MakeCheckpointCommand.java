package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sparsed.demo.StandInTokenizer;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.internal.checkpoint.CheckpointWriter;
import dev.sparsed.models.internal.checkpoint.RandomWeights;
import dev.sparsed.text.TokenizerException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code make-checkpoint}. */
@Command(
    name = "make-checkpoint",
    sortOptions = false,
    description = {
      "Writes random weights in the shape of a published model, to test loading, memory and speed.",
      "Its text means nothing. It gets the demo model's tokenizer, so that prompts can be encoded,"
          + " unless the folder has one already."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed make-checkpoint --like dream-7b --layers 2 -o two-layers",
      "  ./sparsed make-checkpoint --like llada-8b --layers 1 --dtype float32 -o one",
      "  ./sparsed make-checkpoint --like dream-7b --seed 7 -o random-dream"
    })
final class MakeCheckpointCommand implements Callable<Integer> {

  private static final int MOST_LAYERS = 1000;

  private static final long MOST_SHARD_MIB = Long.MAX_VALUE >> 20;

  @Option(
      names = "--like",
      required = true,
      paramLabel = "MODEL",
      description =
          "dream-7b, llada-8b, qwen3-0.6b-a2d, sdar-1.7b, fast-dllm-v2-1.5b, llada-moe-7b-a1b or"
              + " llada2-mini.")
  private String like = "";

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = "Layers (default: as many as the model has).")
  private @Nullable Integer layers;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "bfloat16",
      description = "bfloat16, float16 or float32 (default: ${DEFAULT-VALUE}).")
  private String dtype = "bfloat16";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--shard_mib",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Largest size of a file in MiB (default: ${DEFAULT-VALUE}).")
  private long shardMib;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description =
          "Folder to write to, which must not hold a model yet (default: the model's name and"
              + " number of layers).")
  private @Nullable Path folder;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws IOException {
    ModelConfig config = config();
    Path target =
        folder != null
            ? folder
            : Path.of(
                String.format(Locale.ROOT, "%s-%d-layers", like, config.architecture().layers()));
    requireFreshFolder(target);
    boolean needsTokenizer = needsTokenizer(target, config);
    PrintWriter err = spec.commandLine().getErr();
    WriteProgress progress = new WriteProgress(err);
    // First, as a folder with a model counts as complete.
    if (needsTokenizer) {
      StandInTokenizer.write(config, target);
    }
    new CheckpointWriter(target)
        .shardBytes(shardMib << 20)
        .progress(progress)
        .write(config, RandomWeights.of(config, seed));
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      Json.print(
          out,
          JsonNodeFactory.instance
              .objectNode()
              .put("folder", target.toString())
              .put("like", like)
              .put("layers", config.architecture().layers())
              .put("bytes", progress.total())
              .put("tokenizer", needsTokenizer ? "demo" : "kept"));
    } else {
      out.printf(
          Locale.ROOT,
          "%s: %d layers like %s, %s of random weights, %s%n",
          target,
          config.architecture().layers(),
          like,
          Bytes.text(progress.total()),
          needsTokenizer ? "the demo model's tokenizer" : "the tokenizer that was there");
    }
    return 0;
  }

  private static void requireFreshFolder(Path folder) {
    try {
      new CheckpointWriter(folder).requireFreshFolder();
    } catch (CheckpointException e) {
      throw new BadUseException(e);
    }
  }

  private static boolean needsTokenizer(Path folder, ModelConfig config) {
    try {
      return StandInTokenizer.isNeeded(config, folder);
    } catch (IllegalArgumentException | TokenizerException e) {
      throw new BadUseException(e);
    }
  }

  private ModelConfig config() {
    try {
      ModelConfig config =
          ModelConfig.of(ModelTemplate.of(like)).withWeightType(Precision.of(dtype));
      if (shardMib < 1 || shardMib > MOST_SHARD_MIB) {
        throw new BadUseException(
            "--shard_mib must be 1 to " + MOST_SHARD_MIB + " but is " + shardMib);
      }
      if (layers == null) {
        return config;
      }
      if (layers < 1 || layers > MOST_LAYERS) {
        throw new BadUseException("--layers must be 1 to " + MOST_LAYERS + " but is " + layers);
      }
      return config.withLayers(layers);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
