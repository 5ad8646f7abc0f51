/**
 * Programs on top of the library: the command line in {@code cli}, benchmarks in {@code bench},
 * evaluations in {@code eval}, what their commands share in {@code console}, long prompts in {@code
 * prompts} about the made-up village of {@code village}, a checkpoint's tokens and answers in
 * {@code text}, the demo model and its training in {@code demo}, and in {@code byo} examples of an
 * own model made sparse.
 */
@NullMarked
package dev.sparsed.examples;

import org.jspecify.annotations.NullMarked;
