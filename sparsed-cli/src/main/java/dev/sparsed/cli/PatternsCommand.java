package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.cli.console.Terminal;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.eval.prompts.Prompt;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import dev.sparsed.models.method.Method;
import dev.sparsed.pattern.PatternFile;
import dev.sparsed.pattern.SparsePattern;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code patterns}. */
@Command(
    name = "patterns",
    sortOptions = false,
    description = {
      "Shows which blocks of the context each head reads.",
      "Generates up to the step in which SparseD chooses its patterns, draws them on the terminal and as"
          + " PNG, and saves them."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed patterns",
      "  ./sparsed patterns -m ./LLaDA-8B -p 4k --layer 12 --head 3 --scores",
      "  ./sparsed patterns --compare steps",
      "  ./sparsed patterns -p 2k --mass",
      "  ./sparsed patterns --saved sparsed-patterns/patterns.spd --compare heads"
    })
@SuppressWarnings("try") // A notice works by being open.
final class PatternsCommand implements Callable<Integer> {

  /** What patterns are compared with. */
  enum Comparison {
    /** What other steps would have chosen. */
    STEPS,
    /** The other heads of the layer. */
    HEADS,
    /** Another run. */
    RUNS
  }

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "Draw one layer, from 0 (default: all as PNG, the last one on the terminal).")
  private @Nullable Integer layer;

  @Option(
      names = "--head",
      paramLabel = "N",
      description = "Draw one head, from 0 (default: all as PNG, head 0 on the terminal).")
  private @Nullable Integer head;

  @Option(
      names = "--compare",
      paramLabel = "WHAT",
      description =
          "Print how much patterns overlap (Jaccard index): steps, with what other steps would have"
              + " chosen; heads, with each other; runs, with a second run whose seed is one higher or"
              + " with the file --with.")
  private @Nullable Comparison compare;

  @Option(
      names = "--with",
      paramLabel = "FILE",
      description = "Saved patterns that --compare runs compares with.")
  private @Nullable Path with;

  @Option(
      names = "--saved",
      paramLabel = "FILE",
      description = "Show saved patterns; no model is loaded.")
  private @Nullable Path saved;

  @Option(
      names = "--scores",
      description =
          "Draw how much attention each block gets, too: a heat map of what is chosen by.")
  private boolean scores;

  @Option(
      names = "--mass",
      description =
          "Print what share of the attention the selected blocks hold, by the share that is"
              + " selected, beside as many near and random ones, and draw it as PNG.")
  private boolean mass;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = "sparsed-patterns",
      description = "Where PNG files and patterns.spd are written (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("sparsed-patterns");

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "PROMPT",
      defaultValue = "1k",
      description = "What the model is asked, as for generate (default: ${DEFAULT-VALUE}).")
  private String prompt = "1k";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final ModelArguments model = new ModelArguments();
  @Mixin private final DecodingArguments decoding = new DecodingArguments();
  @Mixin private final PatternArguments settings = new PatternArguments();
  @Mixin private final OutputArguments outputForm = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    settings.check();
    if (with != null && compare != Comparison.RUNS) {
      throw new BadUseException("--with has no meaning without --compare runs");
    }
    if (mass && saved != null) {
      throw new BadUseException("--mass needs a generation, not saved patterns");
    }
    List<AttentionMass> masses = new ArrayList<>();
    ImmutableList<PatternRun> runs = saved == null ? generated(masses) : saved(saved);
    PatternRun run = runs.get(0);
    if (run.layers().isEmpty()) {
      spec.commandLine().getErr().println("sparsed: ended before the patterns were chosen");
      return 1;
    }
    PatternFiles files =
        new PatternFiles(
            saved == null ? name() : String.valueOf(saved.getFileName()),
            run,
            optional(layer),
            optional(head));
    ImmutableList.Builder<PatternComparison> tables = ImmutableList.builder();
    ImmutableList.Builder<Path> written = ImmutableList.builder();
    tables.addAll(compared(runs));
    written.addAll(files.save(output));
    IOException undrawn = null;
    for (AttentionMass each : masses) {
      tables.addAll(PatternComparison.ofMass(each));
      Path chart = output.resolve("mass.png");
      try {
        MassChart.write(each, chart);
        written.add(chart);
      } catch (IOException e) {
        undrawn = e; // What it would show is in the table all the same.
      }
    }
    PatternReport report = new PatternReport(files, tables.build(), written.build(), width());
    outputForm.print(spec.commandLine().getOut(), report::json, report::print);
    if (undrawn != null) {
      throw undrawn;
    }
    return 0;
  }

  private static OptionalInt optional(@Nullable Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static int width() {
    return Math.min(100, Terminal.OUTPUT.width());
  }

  private void requireLayerAndHead(int layers, int heads) {
    requireIndex("--layer", layer, layers);
    requireIndex("--head", head, heads);
    if (compare == Comparison.HEADS && heads < 2) {
      throw new BadUseException("--compare heads needs a model with several heads");
    }
  }

  private static void requireIndex(String option, @Nullable Integer index, int count) {
    if (index != null && (index < 0 || index >= count)) {
      throw new BadUseException(
          String.format(Locale.ROOT, "%s must be 0 to %d but is %d", option, count - 1, index));
    }
  }

  private static PatternRun read(Path file) throws IOException {
    SortedMap<Integer, SparsePattern> layers = PatternFile.load(file);
    if (layers.isEmpty()) {
      throw new BadUseException(file + " holds no pattern");
    }
    return PatternRun.ofFile(file.toString(), layers);
  }

  private ImmutableList<PatternRun> saved(Path file) throws IOException {
    PatternRun run = read(file);
    requireLayerAndHead(run.layers().lastKey() + 1, run.first().grid().heads());
    if (layer != null && !run.layers().containsKey(layer)) {
      throw new BadUseException(file + " holds no layer " + layer);
    }
    if (compare == Comparison.STEPS) {
      throw new BadUseException("--compare steps needs a generation, not saved patterns");
    }
    if (compare == Comparison.RUNS && with == null) {
      throw new BadUseException("--compare runs of saved patterns needs another file: --with FILE");
    }
    return ImmutableList.of(run);
  }

  private ImmutableList<PatternComparison> compared(ImmutableList<PatternRun> runs)
      throws IOException {
    PatternRun run = runs.get(0);
    if (compare == null) {
      return ImmutableList.of();
    }
    return switch (compare) {
      case STEPS -> ImmutableList.of(PatternComparison.ofSteps(run));
      case RUNS ->
          ImmutableList.of(PatternComparison.ofRuns(run, with == null ? runs.get(1) : read(with)));
      case HEADS ->
          run.layers().entrySet().stream()
              .filter(entry -> layer == null || layer.equals(entry.getKey()))
              .map(entry -> PatternComparison.ofHeads(entry.getKey(), entry.getValue()))
              .collect(ImmutableList.toImmutableList());
    };
  }

  private String name() {
    String location = model.locate(Optional.empty()).name();
    int slash = location.lastIndexOf('/', location.length() - 2);
    return slash < 0 ? location : location.substring(slash + 1);
  }

  /**
   * The run that is shown, and the one that it is compared with if there is one.
   *
   * @param masses is given what blocks hold, if that is asked for
   */
  private ImmutableList<PatternRun> generated(List<AttentionMass> masses) throws Exception {
    ModelArguments.Location location = model.locate(Optional.empty());
    Architecture architecture;
    GenerationConfig defaults;
    try (Checkpoint checkpoint = Checkpoint.open(location.folder())) {
      architecture = checkpoint.config().architecture();
      defaults = checkpoint.generationConfig();
    }
    requireLayerAndHead(architecture.layers(), architecture.heads());
    GenerationRequest.Builder request =
        new MethodRequest(defaults, decoding, new SamplingArguments()).of(() -> Method.SPARSED);
    int[] tokens = tokens(location, defaults);
    request.prompt(tokens);
    int block = settings.blockSize(tokens.length + decoding.generationLength());
    spec.commandLine()
        .getErr()
        .printf(
            Locale.ROOT,
            "%s: a prompt of %d tokens and %d to generate, in blocks of %d%n",
            location.name(),
            tokens.length,
            decoding.generationLength(),
            block);
    PatternGeneration generation =
        PatternGeneration.sparseD(settings, scores, compare == Comparison.STEPS);
    PrintWriter err = spec.commandLine().getErr();
    try (DiffusionModel loaded = load(location)) {
      PatternRun run = generation.run("this run", loaded, request, err);
      if (mass && !run.layers().isEmpty()) {
        masses.add(AttentionMass.measure(settings, loaded, request, err));
      }
      if (compare != Comparison.RUNS || with != null) {
        return ImmutableList.of(run);
      }
      request.seed(decoding.seed() + 1);
      return ImmutableList.of(
          run, generation.run("the run with the next seed", loaded, request, err));
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e); // The model refuses the request.
    }
  }

  private DiffusionModel load(ModelArguments.Location location) {
    PrintWriter err = spec.commandLine().getErr();
    try (SlowNotice notice = SlowNotice.of(err, "Loading " + location.name())) {
      return DiffusionModel.load(location.folder(), model.options());
    }
  }

  private int[] tokens(ModelArguments.Location location, GenerationConfig defaults)
      throws IOException {
    try (PromptTokens texts = new PromptTokens(location, defaults.endTokens(), false)) {
      Prompt asked = texts.read(PromptArguments.source(prompt));
      return texts.encode(asked.text());
    }
  }
}
