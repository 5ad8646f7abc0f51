package dev.sparsed.eval.prompts;

/** Counts the tokens that a model is fed for a prompt, its chat template included. */
@FunctionalInterface
public interface TokenCount {

  /**
   * Counts.
   *
   * @param prompt what the user says
   * @return number of tokens
   */
  int of(String prompt);
}
