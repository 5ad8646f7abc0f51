package dev.sparsed.cli;

import dev.sparsed.cli.console.Terminal;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.cli.options.SpelledMethodArguments;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import dev.sparsed.models.method.Method;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code chat}. */
@Command(
    name = "chat",
    sortOptions = false,
    description = {
      "Talks with a model, in several turns.",
      "Every line is a turn, which the model answers with all turns before it in view. /help lists what"
          + " else a line can be; /quit or Ctrl-D ends."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed chat",
      "  ./sparsed chat -m Dream-org/Dream-v0-Instruct-7B --dtype bf16",
      "  ./sparsed chat -m ./LLaDA-8B --method dual-cache --no-live"
    })
@SuppressWarnings("try") // A notice works by being open.
final class ChatCommand implements Callable<Integer> {

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "Instructions to the model, before the first turn (default: none).")
  private @Nullable String system;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final ModelArguments model = new ModelArguments();
  @Mixin private final DecodingArguments decoding = new DecodingArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();
  @Mixin private final SpelledMethodArguments method = new SpelledMethodArguments();
  @Mixin private final SparsityArguments sparsity = new SparsityArguments();
  @Mixin private final LiveArguments live = new LiveArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    if (output.json()) {
      throw new BadUseException("--json has no meaning for chat; /save FILE.json writes one");
    }
    ModelArguments.Location location = model.locate(Optional.empty());
    GenerationConfig defaults;
    try (Checkpoint checkpoint = Checkpoint.open(location.folder())) {
      defaults = checkpoint.generationConfig();
    }
    MethodRequest requests = new MethodRequest(defaults, decoding, sampling);
    // What does not go together is said before weights are loaded.
    requests.of(method::method);
    Method first = method.method();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (DiffusionModel loaded = load(location, err);
        ChatLines lines = ChatLines.of(System.in)) {
      ChatTurns turns =
          new ChatTurns(
              loaded,
              (name, tokens) ->
                  requests.of(() -> name).sparsity(sparsity.sparsity()).prompt(tokens),
              Optional.ofNullable(system));
      ChatProgress progress = new ChatProgress(err, lines.terminal(), live.isLive());
      ChatSession session = new ChatSession(turns, progress, first, out, err);
      session.welcome(location.name(), Terminal.INPUT.isThere());
      Optional<String> line = lines.next();
      while (line.isPresent() && session.take(line.get())) {
        line = lines.next();
      }
    }
    return 0;
  }

  private DiffusionModel load(ModelArguments.Location location, PrintWriter err) {
    try (SlowNotice notice = SlowNotice.of(err, "Loading " + location.name())) {
      return DiffusionModel.load(location.folder(), model.options());
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
