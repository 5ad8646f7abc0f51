package dev.sparsed.cli;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.models.Sparsity;
import picocli.CommandLine.Option;

/** Whether a method that attends sparsely is followed. */
@InSection(OptionSection.METHOD)
final class SparsityArguments {

  @Option(
      names = "--sparsity",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description =
          "auto: sparse only if that is expected to be faster than full attention; always; never"
              + " (default: ${DEFAULT-VALUE}).")
  private Sparsity sparsity = Sparsity.AUTO;

  Sparsity sparsity() {
    return sparsity;
  }
}
