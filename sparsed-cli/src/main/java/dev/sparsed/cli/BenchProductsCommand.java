package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.bench.ProductBenchmark;
import dev.sparsed.eval.bench.ProductReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code bench products}. */
@Command(
    name = "products",
    sortOptions = false,
    description = {
      "Times products of bf16 rows with weights of several formats by the CPU kernels. The weights"
          + " come from main memory, as in a model.",
      "The defaults are the shape of Dream-7B's feed-forward part."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed bench products",
      "  ./sparsed bench products --weights bf16,q8,q4 --rows 1,4,32,512,2048 --json",
      "  ./sparsed bench products --weights rows,bf16 --rows 32"
    })
final class BenchProductsCommand implements Callable<Integer> {

  @Option(
      names = "--weights",
      split = ",",
      paramLabel = "FORMATS",
      defaultValue = "bf16,q8,q4",
      description =
          "bf16, q8 and q4, packed while a model is loaded, or rows: bf16 as files store it,"
              + " transposed in every product (default: ${DEFAULT-VALUE}).")
  private List<String> weights = List.of();

  @Option(
      names = "--rows",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,4,32,512",
      description = "Numbers of rows (default: ${DEFAULT-VALUE}).")
  private List<Integer> rows = List.of();

  @Option(
      names = "--inputs",
      paramLabel = "N",
      defaultValue = "3584",
      description = "Columns of the weights, a multiple of 32 (default: ${DEFAULT-VALUE}).")
  private int inputs;

  @Option(
      names = "--outputs",
      paramLabel = "N",
      defaultValue = "18944",
      description = "Rows of the weights (default: ${DEFAULT-VALUE}).")
  private int outputs;

  @Mixin private final ThreadArguments threads = new ThreadArguments();

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs that count, after one that does not (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    ProductReport report = benchmark().run(name -> err.println("measuring " + name));
    output.print(spec.commandLine().getOut(), report::json, report::print);
    return 0;
  }

  private ProductBenchmark benchmark() {
    try {
      return new ProductBenchmark(
          ImmutableList.copyOf(weights),
          ImmutableList.copyOf(rows),
          inputs,
          outputs,
          threads.count(),
          runs);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
