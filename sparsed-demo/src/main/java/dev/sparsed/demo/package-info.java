/**
 * The small checkpoint that the command line uses when no other is given, and the recipe that made
 * it: a corpus about a made-up village, a byte-level tokenizer learnt from it, and a network in
 * LLaDA's format trained to fill in masked tokens.
 *
 * <p>Training writes an ordinary Hugging Face folder; from then on the demo is a checkpoint like
 * any other and is read by {@code dev.sparsed.models}.
 */
@NullMarked
package dev.sparsed.demo;

import org.jspecify.annotations.NullMarked;
