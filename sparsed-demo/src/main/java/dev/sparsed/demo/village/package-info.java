/**
 * A made-up village that the demo model and the long-context prompts talk about: facts ("Mara lives
 * in Lowick."), questions about them, and sentences that say nothing of use. All texts come from
 * the word lists here and a seed, so that they can be made to any length and checked for the right
 * answer.
 *
 * <p>Knows neither tokenizers nor models.
 */
@NullMarked
package dev.sparsed.demo.village;

import org.jspecify.annotations.NullMarked;
