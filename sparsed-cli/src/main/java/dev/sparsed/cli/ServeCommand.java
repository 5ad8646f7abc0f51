package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sparsed.cli.options.MethodArguments;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.server.ServerOptions;
import dev.sparsed.server.SparsedServer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code serve}. */
@Command(
    name = "serve",
    sortOptions = false,
    description = {
      "Serves a model over HTTP for OpenAI's clients.",
      "At its address is a page to try it. Where the environment variable "
          + ServeCommand.KEY
          + " is set, clients must send its value as a bearer token. Ctrl-C lets running answers"
          + " come to their end, a second one ends at once."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed serve",
      "  ./sparsed serve -m GSAI-ML/LLaDA-8B-Instruct --method dual-cache",
      "  ./sparsed serve --host 0.0.0.0 --port 80 --concurrency 8"
    })
final class ServeCommand implements Callable<Integer> {

  static final String KEY = "SPARSED_API_KEY";

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Where to listen: this machine alone (${DEFAULT-VALUE}), or 0.0.0.0 for all who reach"
              + " it.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "The port, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--model_name",
      paramLabel = "NAME",
      description = "What clients call the model (default: as --model_path does).")
  private @Nullable String modelName;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "4",
      description = "Answers that are generated at the same time (default: ${DEFAULT-VALUE}).")
  private int concurrency;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "64",
      description = "Requests that may wait besides (default: ${DEFAULT-VALUE}).")
  private int queue;

  @Option(
      names = "--max_tokens",
      paramLabel = "N",
      defaultValue = "4096",
      description = "The most tokens that a request may ask for (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--time_limit",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "How long a request may take, waiting included (default: ${DEFAULT-VALUE} seconds).")
  private int timeLimit;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final ModelArguments model = new ModelArguments();
  @Mixin private final MethodArguments method = new MethodArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    ModelArguments.Location location = model.locate(Optional.empty());
    ServerOptions options;
    try {
      options = options(location.id());
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
    try (DiffusionModel loaded = DiffusionModel.load(location.folder(), model.options())) {
      serve(loaded, location, options);
    }
    return 0;
  }

  private void serve(DiffusionModel loaded, ModelArguments.Location location, ServerOptions options)
      throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    try {
      loaded.methods().settings(options.method(), Sampling.PUBLISHED);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
    SparsedServer server = SparsedServer.start(loaded, options);
    try (server) {
      tell(location, server, err);
      Interruption.during(
          "finishing what runs",
          () -> {
            awaitInterruption();
            return 0;
          });
    }
  }

  /** With JSON a program learns the address, such as that of any free port. */
  private void tell(ModelArguments.Location location, SparsedServer server, PrintWriter err) {
    if (output.json()) {
      PrintWriter out = spec.commandLine().getOut();
      Json.print(
          out, JsonNodeFactory.instance.objectNode().put("address", server.uri().toString()));
      out.flush();
    }
    err.println("serving " + location.name() + " at " + server.uri());
    err.flush();
  }

  private static void awaitInterruption() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // As a signal asks for.
    }
  }

  private ServerOptions options(String name) {
    ServerOptions options =
        ServerOptions.DEFAULT
            .at(host, port)
            .serving(modelName == null ? name : modelName, method.method())
            .withRoomFor(concurrency, queue)
            .withRequestLimits(ServerOptions.DEFAULT.maxRequestBytes(), maxTokens)
            .withTimes(
                Duration.ofSeconds(timeLimit),
                ServerOptions.DEFAULT.stallLimit(),
                ServerOptions.DEFAULT.shutdownGrace());
    Map<String, String> environment = System.getenv();
    return environment.containsKey(KEY) ? options.withApiKey(environment.get(KEY)) : options;
  }
}
