package dev.sparsed.cli;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.eval.bench.AttentionBenchmark;
import dev.sparsed.eval.bench.AttentionCandidate;
import dev.sparsed.eval.bench.AttentionCandidates;
import dev.sparsed.eval.bench.AttentionReport;
import dev.sparsed.eval.bench.AttentionSetup;
import dev.sparsed.eval.bench.Measurement;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.Precision;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code bench attention}. */
@Command(
    name = "attention",
    sortOptions = false,
    description = {
      "Times full attention (dense), block scores (scores), full attention that also selects the"
          + " pattern (dense_select) and block-sparse attention (sparse) of one layer, for every"
          + " backend that is there, on the same random inputs. The pattern is selected from these inputs as SparseD does."
          + " With our kernels also over key blocks of 32 tokens and single keys (sparse_keys32,"
          + " sparse_keys1), which lie scattered.",
      "The defaults are the shape of Dream-7B."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed bench attention",
      "  ./sparsed bench attention --seq 16384 --minutes 10",
      "  ./sparsed bench attention --measure dense.torch,sparse.cpu --dtype float32"
    })
final class BenchAttentionCommand implements Callable<Integer> {

  private static final int MOST_MINUTES = 100_000;

  @Option(
      names = "--seq",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Tokens, prompt and generation together (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "28",
      description = "Query heads (default: ${DEFAULT-VALUE}).")
  private int heads;

  @Option(
      names = "--kv_heads",
      paramLabel = "N",
      defaultValue = "4",
      description = "Key/value heads, a divisor of the query heads (default: ${DEFAULT-VALUE}).")
  private int keyValueHeads;

  @Option(
      names = "--dim",
      paramLabel = "N",
      defaultValue = "128",
      description = "Size of a head (default: ${DEFAULT-VALUE}).")
  private int headDimension;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      defaultValue = "" + AttentionPolicy.PUBLISHED_BLOCK,
      description = "Tokens per block (default: ${DEFAULT-VALUE}).")
  private int blockSize;

  @Option(
      names = "--select",
      paramLabel = "SHARE",
      defaultValue = "" + AttentionPolicy.PUBLISHED_SELECT,
      description = "Share of the key blocks to keep, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double select;

  @Option(
      names = "--gen_len",
      paramLabel = "N",
      defaultValue = "128",
      description =
          "Tokens at the end that count as generated when blocks are selected (default:"
              + " ${DEFAULT-VALUE}).")
  private int generationLength;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "bfloat16",
      description = "float32, bfloat16 or float16 (default: ${DEFAULT-VALUE}).")
  private String dtype = "bfloat16";

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device = "cpu";

  @Option(
      names = "--measure",
      split = ",",
      paramLabel = "NAMES",
      description =
          "What to measure, such as dense.torch,sparse.cpu (default: everything). Speed-ups are"
              + " against the table's first row; rows stand in a fixed order.")
  private List<String> names = List.of();

  @Mixin private final ThreadArguments threads = new ThreadArguments();

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs that count (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--warmups",
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs before them that do not count (default: ${DEFAULT-VALUE}).")
  private int warmups;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "2",
      description =
          "Time for all measurements, about: those that take long have fewer runs, or are left out"
              + " (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the random inputs (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() {
    AttentionSetup setup = setup();
    TorchRuntime.require();
    TorchRuntime.setThreads(setup.threads());
    List<AttentionCandidate> candidates = AttentionCandidates.of(setup);
    AttentionReport report = benchmark(setup, candidates).run();
    output.print(spec.commandLine().getOut(), report::json, report::print);
    return 0;
  }

  private AttentionBenchmark benchmark(AttentionSetup setup, List<AttentionCandidate> candidates) {
    try {
      return new AttentionBenchmark(setup, candidates, time(), progress());
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private Duration time() {
    if (!(minutes > 0) || minutes > MOST_MINUTES) {
      throw new BadUseException(
          "--minutes must be above 0, at most " + MOST_MINUTES + ", but is " + minutes);
    }
    return Duration.ofMillis(Math.max(1, Math.round(minutes * 60_000)));
  }

  private AttentionBenchmark.Listener progress() {
    PrintWriter err = spec.commandLine().getErr();
    return new AttentionBenchmark.Listener() {
      @Override
      public void begins(String what) {
        err.printf(Locale.ROOT, "measuring %s%n", what);
        err.flush();
      }

      @Override
      public void notes(String what) {
        err.println(what);
        err.flush();
      }

      @Override
      public void done(Measurement measurement) {
        err.printf(
            Locale.ROOT,
            "  %.3f ms, the median of %d%n",
            1e3 * measurement.times().median(),
            measurement.times().count());
        err.flush();
      }
    };
  }

  private AttentionSetup setup() {
    try {
      return new AttentionSetup(
          new AttentionShape(1, heads, keyValueHeads, length, length, headDimension),
          Precision.of(dtype),
          blockSize,
          select,
          Math.min(generationLength, length),
          ComputeDevice.of(device),
          ImmutableSet.copyOf(names),
          threads.count(),
          warmups,
          runs,
          seed);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
