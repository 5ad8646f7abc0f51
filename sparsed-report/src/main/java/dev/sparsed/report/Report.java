package dev.sparsed.report;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.internal.WholeFile;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A generation as a page to look at: the text as it came, which step decided which position and
 * with what probability, the time of each step, and which blocks each head of each layer read. One
 * HTML file that holds everything, loads nothing and opens in any browser of the last years, below
 * 15 MB also for 28 layers of 28 heads over 64k tokens. Immutable; holds no native memory, so that
 * the model may be closed.
 *
 * <pre>{@code
 * Recording recording = new Recording();
 * GenerationResult result = model.generate(request, recording);
 * Report.of(model, recording, result).write(Path.of("report.html"));
 * }</pre>
 */
public final class Report {

  private final String title;
  private final List<ReportedRun> runs;

  private Report(String title, List<ReportedRun> runs) {
    this.title = title;
    this.runs = runs;
  }

  /**
   * The report of a generation.
   *
   * @param model that generated; not needed afterwards
   * @param recording that listened to it
   * @param result what it gave. With {@code keepPatterns} patterns are shown that are selected in
   *     no step too, such as sliding windows
   * @return the report
   * @throws IllegalArgumentException if the recording is of another generation
   * @throws IllegalStateException if the model is closed
   */
  public static Report of(DiffusionModel model, Recording recording, GenerationResult result) {
    checkArgument(
        recording.steps().size() == result.completedSteps(),
        "the recording has %s steps, but the generation ran %s: it is of another one",
        recording.steps().size(),
        result.completedSteps());
    ReportedRun run = ReportedRun.of(model, recording, result);
    return new Report(
        "A generation of " + run.result().sequences().size() + " sequences", List.of(run));
  }

  /**
   * The same report under another title.
   *
   * @param newTitle stands on top
   * @return the changed report
   */
  public Report titled(String newTitle) {
    return new Report(newTitle, runs);
  }

  /**
   * The same report with a name for its generation, by which readers tell it from another one.
   *
   * @param name such as {@code SparseD, 30 %}
   * @return the changed report
   * @throws IllegalArgumentException if the report is of two generations
   */
  public Report named(String name) {
    checkArgument(runs.size() == 1, "each of the two reports is named before they are compared");
    return new Report(title, List.of(runs.get(0).named(name)));
  }

  /**
   * Both generations side by side.
   *
   * @param other of another generation, of as many sequences
   * @return the report of both, under this one's title
   * @throws IllegalArgumentException if one of the two is of two generations already, or the
   *     numbers of sequences differ
   */
  public Report compare(Report other) {
    checkArgument(
        runs.size() == 1 && other.runs.size() == 1, "a report compares two generations, no more");
    int sequences = runs.get(0).sequences().size();
    int others = other.runs.get(0).sequences().size();
    checkArgument(
        sequences == others,
        "a generation of %s sequences cannot be compared with one of %s",
        sequences,
        others);
    return new Report(title, Stream.concat(runs.stream(), other.runs.stream()).toList());
  }

  /**
   * Writes the page.
   *
   * @param file an HTML file, which is replaced if it exists
   * @throws IOException if it cannot be written; an old file is kept then
   */
  public void write(Path file) throws IOException {
    ContentBuilder.Built built = ContentBuilder.build(title, runs);
    WholeFile.write(file, Page.of(built.content(), built.patterns()));
  }
}
