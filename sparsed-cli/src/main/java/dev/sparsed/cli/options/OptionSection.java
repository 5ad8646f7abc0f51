package dev.sparsed.cli.options;

/** What an option is about: the headings under which a command's help shows its options. */
public enum OptionSection {
  /** What only this command has. */
  COMMAND("Options"),
  /** Which model, and how it is loaded. */
  MODEL("Model"),
  /** What it is asked. */
  PROMPT("Prompt"),
  /** How much it generates, in how many steps. */
  LENGTH("Length and steps"),
  /** Attention, cache and decoding. */
  METHOD("Method"),
  /** Which tokens are taken. */
  TOKENS("Choice of tokens"),
  /** How the command reports. */
  OUTPUT("Output and help");

  private final String heading;

  OptionSection(String heading) {
    this.heading = heading;
  }

  /** What stands above the options. */
  String heading() {
    return heading;
  }
}
