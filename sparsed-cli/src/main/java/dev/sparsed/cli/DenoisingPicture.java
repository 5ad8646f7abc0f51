package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.html.HtmlEscapers;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Keeps how an answer looked after each step, and draws some of them below each other as SVG. */
final class DenoisingPicture implements GenerationListener {

  private static final int MOST_FRAMES = 12;
  private static final int COLUMNS = 88;
  private static final int MOST_LINES = 6;
  private static final double LETTER = 8.4;
  private static final int LINE = 20;
  private static final int LABEL = 90;
  private static final int MARGIN = 16;

  private final GenerationListener next;
  private final LiveText text;
  private final List<Frame> frames = new ArrayList<>();

  /** The answer after a step. */
  private record Frame(int step, ImmutableList<LiveText.Run> runs) {}

  /**
   * For one generation.
   *
   * @param next is told of all steps, too
   * @param text how the answer is shown
   */
  DenoisingPicture(GenerationListener next, LiveText text) {
    this.next = next;
    this.text = text;
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    ImmutableList<LiveText.Run> runs = text.runs(progress);
    if (frames.isEmpty() || !frames.get(frames.size() - 1).runs().equals(runs)) {
      frames.add(new Frame(progress.step() + 1, runs));
    }
    return next.onStep(progress);
  }

  /** Writes the picture. */
  void save(Path file) throws IOException {
    WholeFile.write(file, svg());
  }

  /** Evenly chosen, the first and the last among them. */
  private List<Frame> chosen() {
    if (frames.size() <= MOST_FRAMES) {
      return frames;
    }
    List<Frame> chosen = new ArrayList<>();
    for (int i = 0; i < MOST_FRAMES; i++) {
      chosen.add(frames.get(i * (frames.size() - 1) / (MOST_FRAMES - 1)));
    }
    return chosen;
  }

  private String svg() {
    StringBuilder body = new StringBuilder();
    int y = MARGIN + LINE;
    for (Frame frame : chosen()) {
      body.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" fill=\"#6b7785\">step %d</text>%n",
              MARGIN,
              y,
              frame.step()));
      for (String line : lines(frame.runs())) {
        body.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" xml:space=\"preserve\">%s</text>%n",
                MARGIN + LABEL,
                y,
                line));
        y += LINE;
      }
      y += LINE / 4;
    }
    int width = (int) (2 * MARGIN + LABEL + COLUMNS * LETTER);
    return String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"ui-monospace, monospace\" font-size=\"14\">%n"
            + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n%s</svg>%n",
        width,
        y - LINE + MARGIN,
        body);
  }

  /** Lines of SVG text of so many letters. */
  private static List<String> lines(List<LiveText.Run> runs) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int used = 0;
    for (LiveText.Run run : runs) {
      StringBuilder part = new StringBuilder();
      for (int letter : run.text().codePoints().toArray()) {
        if (letter == '\n' || used == COLUMNS) {
          lines.add(line.append(span(run.state(), part)).toString());
          line.setLength(0);
          part.setLength(0);
          used = 0;
        }
        if (letter != '\n') {
          part.appendCodePoint(letter);
          used++;
        }
      }
      line.append(span(run.state(), part));
    }
    lines.add(line.toString());
    return lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size());
  }

  private static String span(LiveText.State state, CharSequence text) {
    String colour =
        switch (state) {
          case DECIDED -> "fill=\"#1b2838\"";
          case NEW -> "fill=\"#1a7f37\" font-weight=\"bold\"";
          case GUESS -> "fill=\"#a0a9b4\"";
          case OPEN -> "fill=\"#cfd5db\"";
          case GIVEN -> "fill=\"#2f6db3\"";
        };
    return text.isEmpty()
        ? ""
        : "<tspan "
            + colour
            + ">"
            + HtmlEscapers.htmlEscaper().escape(text.toString())
            + "</tspan>";
  }
}
