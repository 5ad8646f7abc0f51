package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.demo.DemoRecipe;
import dev.sparsed.demo.DemoTraining;
import dev.sparsed.demo.TrainingFolder;
import dev.sparsed.demo.TrainingReport;
import dev.sparsed.models.CheckpointException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      "Its tokenizer too; writes both as a checkpoint, see docs/demo-model.md. A training that was"
          + " killed goes on where it was saved last when the same command is given again."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed train-demo -o my-demo",
      "  ./sparsed train-demo -o my-demo --export so-far",
      "  ./sparsed train-demo -o quick-demo --scale 0.01 --seed 2",
      "  ./sparsed train-demo -o other-demo --recipe recipe.json --threads 2"
    })
final class TrainDemoCommand implements Callable<Integer> {

  /** Where a training is kept, in the folder that gets the checkpoint. */
  private static final String TRAINING = "training";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description =
          "Folder to write to; must hold neither a model nor a tokenizer yet. The training's state"
              + " and its log lie in DIR/training.")
  private Path folder = Path.of("");

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "What to do, as JSON, for a training that begins (default: the published one).")
  private @Nullable Path recipe;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of weights and texts, for a training that begins (default: the recipe's).")
  private @Nullable Long seed;

  @Option(
      names = "--scale",
      paramLabel = "FACTOR",
      description =
          "Train this many times as many steps as the recipe says, for a training that begins"
              + " (default: 1).")
  private @Nullable Double scale;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Processor threads; the model does not depend on how many (default: one per core).")
  private @Nullable Integer threads;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description =
          "Train no further; write the model as it was saved last to this folder. With --recipe and"
              + " no training yet: what a training by it starts from.")
  private @Nullable Path export;

  /** What was reported before. */
  private @Nullable TrainingReport last;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    int threads = this.threads == null ? Runtime.getRuntime().availableProcessors() : this.threads;
    if (threads < 1) {
      throw new BadUseException("--threads must be at least 1 but is " + threads);
    }
    if (scale != null && (!(scale > 0) || scale > 1000)) {
      throw new BadUseException("--scale must be above 0 and at most 1000 but is " + scale);
    }
    try {
      new GivenFiles().reads("--recipe", recipe);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
    Path target = export == null ? folder : export;
    requireFreshFolder(target);
    DemoTraining training = new DemoTraining(training(), threads);
    if (export == null && !train(training)) {
      return 1;
    }
    training.export(target);
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      Json.print(out, JsonNodeFactory.instance.objectNode().put("folder", target.toString()));
    } else {
      out.printf(Locale.ROOT, "%s holds the model%n", target);
    }
    return 0;
  }

  /** Trains until the recipe's end, or until a signal asks for an end; says which. */
  private boolean train(DemoTraining training) throws Exception {
    try {
      return Interruption.during(
          "stopping within the running step",
          () -> {
            training.train(this::show);
            return true;
          });
    } catch (InterruptedException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("Stopped. What was learnt is saved, and the same command goes on with it.");
      return false;
    }
  }

  private TrainingFolder training() throws IOException {
    Path place = folder.resolve(TRAINING);
    boolean begun = TrainingFolder.isTraining(place);
    if (begun && (recipe != null || seed != null || scale != null)) {
      throw new BadUseException(
          "--recipe, --seed and --scale are for a training that begins, but "
              + place
              + " holds one; leave them away to go on with it, or choose another folder");
    }
    if (!begun && export != null && recipe == null) {
      throw new BadUseException("there is no training in " + place + " to export");
    }
    try {
      return begun ? TrainingFolder.open(place) : TrainingFolder.create(place, chosen());
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private DemoRecipe chosen() throws IOException {
    DemoRecipe chosen =
        recipe == null ? DemoRecipe.published() : DemoRecipe.parse(Files.readString(recipe));
    if (seed != null) {
      chosen = chosen.withSeed(seed);
    }
    return scale == null ? chosen : chosen.scaled(scale);
  }

  private void show(TrainingReport report) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "step %d/%d (%s), %.1f million tokens, loss %.3f",
        report.step(),
        report.totalSteps(),
        report.stage(),
        report.tokens() / 1e6,
        report.loss());
    if (last != null) {
      double seconds = report.seconds() - last.seconds();
      err.printf(Locale.ROOT, ", %.0f tokens/s", (report.tokens() - last.tokens()) / seconds);
    }
    last = report;
    for (Map.Entry<String, Double> right : report.right().entrySet()) {
      err.printf(Locale.ROOT, ", %s %.0f %%", right.getKey(), 100 * right.getValue());
    }
    err.println();
    err.flush();
  }

  private static void requireFreshFolder(Path target) {
    try {
      DemoTraining.requireFreshFolder(target);
    } catch (CheckpointException e) {
      throw new BadUseException(e);
    }
  }
}
