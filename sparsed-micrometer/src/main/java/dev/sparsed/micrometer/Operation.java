package dev.sparsed.micrometer;

/** What a model is asked to do, as {@code gen_ai.operation.name} has it. */
public enum Operation {
  /** Answer a conversation. */
  CHAT("chat"),
  /** Continue a text. */
  TEXT_COMPLETION("text_completion");

  private final String conventionalName;

  Operation(String conventionalName) {
    this.conventionalName = conventionalName;
  }

  String conventionalName() {
    return conventionalName;
  }
}
