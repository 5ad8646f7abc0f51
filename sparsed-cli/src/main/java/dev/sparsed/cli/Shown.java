package dev.sparsed.cli;

import dev.sparsed.cli.console.VisibleWriter;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Texts of models as a terminal may show them. */
final class Shown {

  private Shown() {}

  /** The text with control characters spelled out, and blanks for tabs; line ends stay. */
  static String plainly(String text) {
    StringWriter shown = new StringWriter();
    try (PrintWriter writer = VisibleWriter.to(shown)) {
      writer.write(text);
    }
    return shown.toString().replace("\t", "    ");
  }
}
