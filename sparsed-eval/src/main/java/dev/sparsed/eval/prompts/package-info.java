/**
 * What the model is asked: a user's text, or a question about a made-up text of a wanted length.
 *
 * <p>Lengths are counted in tokens by a function of the caller, so that nothing here knows
 * tokenizers.
 */
@NullMarked
package dev.sparsed.eval.prompts;

import org.jspecify.annotations.NullMarked;
