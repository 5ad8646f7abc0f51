package dev.sparsed.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code completion}. */
@Command(
    name = "completion",
    description = {
      "Prints completions for bash and zsh.",
      "The shell reads it by 'source <(./sparsed completion)'."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed completion",
      "  ./sparsed completion -h",
      "  ./sparsed completion --help"
    })
final class CompletionCommand implements Callable<Integer> {

  @SuppressWarnings("UnusedVariable") // Picocli looks for it.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine all = spec.root().commandLine();
    all.getOut().print(AutoComplete.bash(all.getCommandName(), all));
    all.getOut().flush();
    return 0;
  }
}
