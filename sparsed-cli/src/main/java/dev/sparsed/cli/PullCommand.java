package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.cli.console.Terminal;
import dev.sparsed.cli.hub.HubFile;
import dev.sparsed.cli.hub.HubName;
import dev.sparsed.cli.hub.HubPull;
import dev.sparsed.cli.hub.HubRepository;
import dev.sparsed.cli.hub.HubSettings;
import dev.sparsed.models.internal.checkpoint.CheckpointLocator;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code pull}. */
@Command(
    name = "pull",
    sortOptions = false,
    description = {
      "Fetches a checkpoint from the Hugging Face hub.",
      "It goes into the cache of the hub's own tools (HF_HOME), where --model_path owner/name finds it."
          + " What was cut off is gone on with by the same command; checksums are compared. HF_TOKEN"
          + " opens private and gated repositories, HF_ENDPOINT names another hub."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed pull GSAI-ML/LLaDA-8B-Instruct",
      "  ./sparsed pull Dream-org/Dream-v0-Instruct-7B --list",
      "  ./sparsed pull GSAI-ML/LLaDA-1.5@main"
    })
final class PullCommand implements Callable<Integer> {

  private static final int MIB = 1 << 20;

  @Parameters(
      paramLabel = "OWNER/NAME",
      description = "The repository; @REVISION behind it for a branch, a tag or a commit.")
  private String repository = "";

  @Option(names = "--list", description = "Only list what would be fetched.")
  private boolean list;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    HubName name;
    try {
      name = HubName.parse(repository);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
    Path cache = CheckpointLocator.ofEnvironment().cache();
    HubSettings settings = HubSettings.of(System.getenv(), cache);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      HubRepository there = HubRepository.of(settings, name);
      ImmutableList<HubFile> files = there.checkpoint();
      HubPull pull = new HubPull(there, files, cache);
      if (list) {
        if (output.json()) {
          Json.print(out, json(there, files));
          return 0;
        }
        files.forEach(
            file -> out.printf(Locale.ROOT, "%10s  %s%n", Bytes.text(file.size()), file.path()));
        err.printf(Locale.ROOT, "%d files, %s%n", files.size(), Bytes.text(pull.size()));
        return 0;
      }
      err.printf(
          Locale.ROOT,
          "%s, commit %s: %d files, %s, into %s%n",
          name,
          there.commit().substring(0, 8),
          files.size(),
          Bytes.text(pull.size()),
          cache);
      err.flush();
      Path folder = Interruption.during("stopping", () -> fetched(pull, err));
      if (output.json()) {
        Json.print(out, json(there, files).put("folder", folder.toString()));
      } else {
        out.println(folder);
      }
      err.println("It is found by its name: ./sparsed generate -m " + name);
      return 0;
    } catch (InterruptedException e) {
      err.println("Stopped. The same command goes on where this one ended.");
      return 1;
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new IOException("the hub " + settings.endpoint() + " cannot be reached" + why(e), e);
    }
  }

  private static ObjectNode json(HubRepository there, ImmutableList<HubFile> files) {
    ObjectNode root =
        JsonNodeFactory.instance
            .objectNode()
            .put("repository", there.name().id())
            .put("revision", there.name().revision())
            .put("commit", there.commit());
    ArrayNode list = root.putArray("files");
    files.forEach(
        file ->
            list.addObject()
                .put("path", file.path())
                .put("bytes", file.size())
                .put("etag", file.etag()));
    return root;
  }

  private static String why(IOException failure) {
    boolean unknown =
        failure.getCause() instanceof ConnectException inner
            && inner.getCause() instanceof UnresolvedAddressException;
    if (unknown || failure.getCause() instanceof UnresolvedAddressException) {
      return ": its name is not known here";
    }
    return failure.getMessage() == null ? "" : ": " + failure.getMessage();
  }

  private static Path fetched(HubPull pull, PrintWriter err)
      throws IOException, InterruptedException {
    int total = (int) Math.min(Integer.MAX_VALUE, pull.size() / MIB + 1);
    Optional<ProgressBar> bar = Terminal.bar("MiB", total);
    try {
      return pull.run(
          bar.<HubPull.Progress>map(shown -> (file, bytes) -> shown.stepTo(bytes / MIB))
              .orElseGet(() -> new Lines(err, pull.size())));
    } finally {
      bar.ifPresent(ProgressBar::close);
    }
  }

  /** A line for each tenth of the bytes. */
  private static final class Lines implements HubPull.Progress {

    private final PrintWriter err;
    private final long total;
    private int lastTenth;

    Lines(PrintWriter err, long total) {
      this.err = err;
      this.total = Math.max(1, total);
    }

    @Override
    public void onBytes(HubFile file, long bytes) {
      int tenth = (int) (10 * (double) bytes / total);
      if (tenth > lastTenth) {
        lastTenth = tenth;
        err.printf(
            Locale.ROOT, "%s of %s, %s%n", Bytes.text(bytes), Bytes.text(total), file.path());
        err.flush();
      }
    }
  }
}
