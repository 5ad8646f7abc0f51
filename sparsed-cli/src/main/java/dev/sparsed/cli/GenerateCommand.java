package dev.sparsed.cli;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.cli.options.SpelledMethodArguments;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.demo.DemoQuestion;
import dev.sparsed.eval.prompts.Prompt;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GapText;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code generate}, and one for each family with a published script. */
@Command(sortOptions = false)
@SuppressWarnings("try") // A notice works by being open.
@InSection(OptionSection.LENGTH)
final class GenerateCommand implements Callable<Integer> {

  private final GeneratedModels models;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final ModelArguments model = new ModelArguments();
  @Mixin private final PromptArguments prompt = new PromptArguments();
  @Mixin private final DecodingArguments decoding = new DecodingArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();

  @Option(
      names = "--full_length",
      description =
          "Decide every position (default: end at the answer's first end of text; once all before"
              + " it is decided, the steps that are left compute nothing, and the answer is the"
              + " same).")
  private boolean fullLength;

  @Option(names = "--early_stop", description = "The default.", hidden = true)
  private boolean earlyStop;

  @Mixin private final TokenRuleArguments tokenRules = new TokenRuleArguments();
  @Mixin private final SpelledMethodArguments method = new SpelledMethodArguments();
  @Mixin private final SparsityArguments sparsity = new SparsityArguments();
  @Mixin private final LiveArguments live = new LiveArguments();
  @Mixin private final PictureArguments picture = new PictureArguments();
  @Mixin private final ReportArguments page = new ReportArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  private GenerateCommand(GeneratedModels models) {
    this.models = models;
  }

  /** The command of some models, with its name and description. */
  static CommandLine of(GeneratedModels models) {
    CommandLine command = new CommandLine(new GenerateCommand(models));
    command.getCommandSpec().name(models.command());
    command
        .getCommandSpec()
        .usageMessage()
        .description(models.description())
        .footer(models.footer());
    return command;
  }

  @Override
  public Integer call() throws Exception {
    page.check();
    picture.check();
    live.check();
    if (models.family().isEmpty() && FirstLook.isAsked(spec.commandLine().getParseResult())) {
      return firstLook();
    }
    ModelArguments.Location location = model.locate(models.defaultModel());
    ModelConfig config;
    GenerationConfig defaults;
    try (Checkpoint checkpoint = Checkpoint.open(location.folder())) {
      config = checkpoint.config();
      defaults = checkpoint.generationConfig();
    }
    models.check(config, location.name());
    ModelOptions options = model.options();
    Optional<GapText> gaps = prompt.gaps();
    MethodRequest asked = new MethodRequest(defaults, decoding, sampling);
    GenerationRequest.Builder request =
        gaps.map(text -> asked.filling(method::method, text))
            .orElseGet(() -> asked.of(method::method))
            .sparsity(sparsity.sparsity());
    page.addTo(request, config);
    Optional<int[]> tokens = prompt.tokens(config);
    if (tokens.isPresent()) {
      picture.refuseForTokens();
      stopAt(request, Ints.toArray(defaults.endTokens()));
      tokenRules.addTo(request, config, Ints.toArray(defaults.endTokens()));
      GenerationResult result =
          generate(
              location, options, request.prompt(tokens.get()), this::bar, progress -> progress);
      report(AnswerReport.ofTokens(location.name(), result), location);
      return 0;
    }
    try (PromptTokens texts = new PromptTokens(location, defaults.endTokens(), prompt.raw())) {
      stopAt(request, texts.ends());
      tokenRules.addTo(request, config, texts.ends());
      AnswerReport report =
          gaps.isPresent()
              ? filled(gaps.get(), texts, location, config, options, request)
              : answered(texts, location, config, options, request);
      report(report, location);
    }
    return 0;
  }

  private AnswerReport answered(
      PromptTokens texts,
      ModelArguments.Location location,
      ModelConfig config,
      ModelOptions options,
      GenerationRequest.Builder request)
      throws Exception {
    Prompt asked;
    int[] encoded;
    try (SlowNotice notice = notice("Making the prompt")) {
      asked = texts.read(prompt.source());
      encoded = texts.encode(asked.text());
    }
    GenerationResult result =
        generate(
            location,
            options,
            request.prompt(encoded),
            texts.live(encoded.length, config.maskToken()));
    String answer = texts.decode(result.generated(0));
    return AnswerReport.ofText(location.name(), asked, answer, result);
  }

  private AnswerReport filled(
      GapText gaps,
      PromptTokens texts,
      ModelArguments.Location location,
      ModelConfig config,
      ModelOptions options,
      GenerationRequest.Builder request)
      throws Exception {
    Canvas canvas = texts.canvas(gaps);
    GenerationResult result =
        generate(
            location,
            options,
            request.canvas(canvas),
            texts.live(canvas.gaps(), config.maskToken()));
    List<String> filled = texts.texts(gaps, result.filled(0));
    return AnswerReport.ofGaps(location.name(), gaps.with(filled), filled, result);
  }

  private GenerationResult generate(
      ModelArguments.Location location,
      ModelOptions options,
      GenerationRequest.Builder request,
      LiveText text)
      throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    return generate(
        location,
        options,
        request,
        built -> live.isLive() ? StepProgress.live(err, text) : bar(built),
        progress -> picture.listener(progress, text));
  }

  private void stopAt(GenerationRequest.Builder request, int[] ends) {
    if (earlyStop && fullLength) {
      throw new BadUseException("--early_stop and --full_length exclude each other");
    }
    if (earlyStop && ends.length == 0) {
      throw new BadUseException(
          "--early_stop needs a token that ends a text, but the checkpoint names none");
    }
    request.stopAt(fullLength ? new int[0] : ends);
  }

  private SlowNotice notice(String what) {
    PrintWriter err =
        live.isQuiet() ? new PrintWriter(Writer.nullWriter(), false) : spec.commandLine().getErr();
    return SlowNotice.of(err, what);
  }

  /** Answers the embedded model's question, sparsely and fully. */
  private int firstLook() throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    ModelArguments.Location location = model.locate(Optional.empty());
    try (DiffusionModel loaded = load(location, model.options())) {
      DemoQuestion question =
          CpuKernels.isAvailable()
              ? DemoQuestion.recommended()
              : DemoQuestion.ofHalfTheLength(); // LibTorch takes seconds for a step over 4,000
      FirstLook look = new FirstLook(loaded, question);
      FirstLook.Run sparse;
      GenerationRequest request = look.sparse();
      try (StepProgress progress = shown(loaded, request)) {
        sparse = look.run(request, page.listener(progress));
      }
      page.take(loaded, sparse.result());
      look.printAnswer(sparse, spec.commandLine().getOut(), err, live.isQuiet());
      if (!live.isQuiet() && !sparse.result().cancelled()) {
        FirstLook.Run full = look.run(look.full(), page.listener(StepProgress.none()));
        page.takeOther("SparseD", "full attention", loaded, full.result());
        if (!full.result().cancelled()) {
          look.printComparison(sparse, full, err);
          FirstLook.printNext(err);
        }
      }
    }
    page.write("The demo model's first answer", err);
    return 0;
  }

  private StepProgress shown(DiffusionModel loaded, GenerationRequest request) {
    return live.isQuiet() || !live.isLive()
        ? bar(request)
        : StepProgress.live(
            spec.commandLine().getErr(),
            new LiveText(
                request.prompts().get(0).size(),
                loaded.config().maskToken(),
                ImmutableSet.copyOf(Ints.asList(loaded.chatFormat().ends())),
                tokens -> loaded.tokenizer().decode(tokens, true)));
  }

  private StepProgress bar(GenerationRequest built) {
    if (live.isQuiet()) {
      return StepProgress.none();
    }
    return StepProgress.on(spec.commandLine().getErr(), totalSteps(built));
  }

  private GenerationResult generate(
      ModelArguments.Location location,
      ModelOptions options,
      GenerationRequest.Builder request,
      Function<GenerationRequest, StepProgress> shown,
      UnaryOperator<GenerationListener> drawn)
      throws Exception {
    try {
      GenerationRequest built = request.build();
      try (DiffusionModel loaded = load(location, options)) {
        Stream.of(built.lengthWarning(loaded.config()), built.maskWarning(loaded.config()))
            .flatMap(Optional::stream)
            .forEach(warning -> spec.commandLine().getErr().println("Warning: " + warning));
        try (StepProgress progress = shown.apply(built)) {
          GenerationListener listener = page.listener(drawn.apply(progress));
          GenerationResult result = Interruption.during(() -> loaded.generate(built, listener));
          page.take(loaded, result);
          return result;
        }
      }
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e); // The request has no meaning, or the model refuses it.
    }
  }

  private DiffusionModel load(ModelArguments.Location location, ModelOptions options) {
    try (SlowNotice notice = notice("Loading " + location.name())) {
      return DiffusionModel.load(location.folder(), options);
    }
  }

  private static int totalSteps(GenerationRequest request) {
    return request.decoding().orElseThrow().totalSteps(request.generationLength(), request.steps());
  }

  private void report(AnswerReport report, ModelArguments.Location location) throws IOException {
    if (output.json()) {
      Json.print(spec.commandLine().getOut(), report.json());
    } else if (live.isQuiet()) {
      report.printAnswer(spec.commandLine().getOut());
    } else {
      report.print(spec.commandLine().getOut(), spec.commandLine().getErr());
    }
    picture.write(spec.commandLine().getErr());
    page.write("A generation with " + location.name(), spec.commandLine().getErr());
  }
}
