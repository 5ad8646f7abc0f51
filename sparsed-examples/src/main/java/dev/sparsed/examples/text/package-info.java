/**
 * What a checkpoint's tokens mean: {@link dev.sparsed.examples.text.CheckpointTokens} turns
 * questions into the tokens that its model is fed and answers into text, the same for every
 * command. Where questions come from is the business of {@link dev.sparsed.examples.prompts}.
 */
@NullMarked
package dev.sparsed.examples.text;

import org.jspecify.annotations.NullMarked;
