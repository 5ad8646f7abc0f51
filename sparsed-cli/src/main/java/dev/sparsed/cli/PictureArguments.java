package dev.sparsed.cli;

import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.models.GenerationListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A picture of how an answer was denoised. */
@InSection(OptionSection.OUTPUT)
final class PictureArguments {

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Draw how the answer was denoised, some steps of it, as SVG.")
  private @Nullable Path file;

  private @Nullable DenoisingPicture drawn;

  /** Refuses a file that cannot be written, before anything is generated. */
  void check() {
    try {
      new GivenFiles().writes("--picture", file);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  /** Refuses a picture of an answer without text. */
  void refuseForTokens() {
    if (file != null) {
      throw new BadUseException("--picture has no meaning with --tokens, whose answer has no text");
    }
  }

  /** The listener that a generation is to have. */
  GenerationListener listener(GenerationListener next, LiveText text) {
    if (file == null) {
      return next;
    }
    drawn = new DenoisingPicture(next, text);
    return drawn;
  }

  /** Draws, once the answer is out, which must not be lost with the picture. */
  void write(PrintWriter err) throws IOException {
    if (drawn != null && file != null) {
      drawn.save(file);
      err.println("Picture: " + file);
      err.flush();
    }
  }
}
