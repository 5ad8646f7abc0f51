package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sparsed.demo.DemoRecipe;
import dev.sparsed.demo.DemoTraining;
import dev.sparsed.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code train-demo}. */
@Command(
    name = "train-demo",
    sortOptions = false,
    description = {
      "Trains the demo model anew.",
      "Its tokenizer too; writes both as a checkpoint, see docs/demo-model.md."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed train-demo -o my-demo",
      "  ./sparsed train-demo --scale 0.01 -o quick-demo",
      "  ./sparsed train-demo --seed 2 --threads 4 -o other-demo"
    })
final class TrainDemoCommand implements Callable<Integer> {

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder to write to; must hold neither a model nor a tokenizer yet.")
  private Path folder = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of weights and texts (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--scale",
      paramLabel = "FACTOR",
      defaultValue = "1",
      description =
          "Trains this many times as many steps as the recipe says (default: ${DEFAULT-VALUE}).")
  private double scale;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Processor threads; results differ between counts (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws IOException {
    if (!(scale > 0) || scale > 1000 || threads < 1) {
      throw new BadUseException("--scale must be above 0, at most 1000, and --threads at least 1");
    }
    requireFreshFolder();
    PrintWriter err = spec.commandLine().getErr();
    DemoRecipe recipe = DemoRecipe.PUBLISHED.withSeed(seed).scaled(scale);
    double right =
        new DemoTraining(recipe, threads)
            .train(
                folder,
                (step, total, loss, share) -> {
                  err.printf(
                      Locale.ROOT,
                      "step %d/%d, loss %.3f, %.0f %% of new questions answered right%n",
                      step,
                      total,
                      loss,
                      100 * share);
                  err.flush();
                });
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      Json.print(
          out,
          JsonNodeFactory.instance
              .objectNode()
              .put("folder", folder.toString())
              .put("right_share", right));
    } else {
      out.printf(Locale.ROOT, "%s: %.0f %% of new questions answered right%n", folder, 100 * right);
    }
    return 0;
  }

  private void requireFreshFolder() {
    try {
      DemoTraining.requireFreshFolder(folder);
    } catch (CheckpointException e) {
      throw new BadUseException(e);
    }
  }
}
