package dev.sparsed.cli.options;

import picocli.CommandLine.Option;

/** Whether answers may be shorter than what is asked for. */
@InSection(OptionSection.LENGTH)
public final class EarlyStopArguments {

  @Option(
      names = "--early_stop",
      description =
          "End an answer at its first end of text: once all before it is decided, the steps that"
              + " are left compute nothing. The answer is the same.")
  private boolean given;

  /** Not given, until a command line is parsed. */
  public EarlyStopArguments() {}

  /**
   * Whether it was given.
   *
   * @return true if answers end at their first end of text
   */
  public boolean given() {
    return given;
  }
}
