package dev.sparsed.eval.prompts;

import java.util.Optional;

/**
 * A prompt, before the chat template.
 *
 * @param text what the user says
 * @param expected a word that the right answer holds, where that is known
 */
public record Prompt(String text, Optional<String> expected) {}
