package dev.sparsed.cli;

import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.report.Recording;
import dev.sparsed.report.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A page that shows the generation. */
@InSection(OptionSection.OUTPUT)
final class ReportArguments {

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Write a page to look at in a browser: how the text came, the time of each step, and which"
              + " blocks each head read. One HTML file that loads nothing.")
  private @Nullable Path file;

  private @Nullable Recording recording;
  private @Nullable Report report;

  /** Refuses a file that cannot be written, before anything is generated. */
  void check() {
    try {
      new GivenFiles().writes("--report", file);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  /** Lets a generation keep what the page shows and no listener is told of, where there is such. */
  void addTo(GenerationRequest.Builder request, ModelConfig config) {
    if (file != null && config.architecture().causalBlock().isEmpty()) {
      request.keepPatterns();
    }
  }

  /** The listener that a generation is to have. */
  GenerationListener listener(GenerationListener progress) {
    recording = file == null ? null : new Recording(progress);
    return recording == null ? progress : recording;
  }

  /** Takes what a generation gave, while its model is open. */
  void take(DiffusionModel model, GenerationResult result) {
    if (recording != null) {
      report = Report.of(model, recording, result);
    }
  }

  /** Takes what a second generation gave, to stand beside the first one. */
  void takeOther(String first, String second, DiffusionModel model, GenerationResult result) {
    if (recording != null && report != null) {
      Report other = Report.of(model, recording, result);
      report = report.named(first).compare(other.named(second));
    }
  }

  /** Writes the page, once the answer is out, which must not be lost with it. */
  void write(String title, PrintWriter err) throws IOException {
    if (report != null && file != null) {
      report.titled(title).write(file);
      err.println("Report: " + file);
      err.flush();
    }
  }
}
