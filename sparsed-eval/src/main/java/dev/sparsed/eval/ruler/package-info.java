/**
 * The synthetic long-context tasks of RULER (arXiv 2404.06654) with this project's own words and
 * texts. {@link dev.sparsed.eval.ruler.RulerTask} names the tasks; each sample is a {@link
 * dev.sparsed.eval.ruler.SampleBuilder} that can be made of any number of units of filler, and
 * {@link dev.sparsed.eval.ruler.LengthFitter} finds the number that fills the wanted length in
 * tokens. {@link dev.sparsed.eval.ruler.RulerGenerator} writes the task file that {@code sparsed
 * eval accuracy} reads. Everything follows from one seed.
 */
@NullMarked
package dev.sparsed.eval.ruler;

import org.jspecify.annotations.NullMarked;
