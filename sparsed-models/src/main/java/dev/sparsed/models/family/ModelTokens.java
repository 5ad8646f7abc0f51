package dev.sparsed.models.family;

import java.util.OptionalInt;

/**
 * The tokens that are not text.
 *
 * @param mask stands for what is still to be generated
 * @param pad fills shorter prompts of a batch
 * @param begin begins a text
 * @param end ends a text, the first where a configuration lists several
 */
public record ModelTokens(int mask, OptionalInt pad, OptionalInt begin, OptionalInt end) {}
