/**
 * Speed and memory of methods over context and generation lengths. {@link
 * dev.sparsed.examples.eval.speed.SpeedRun} repeats generations of any {@link
 * dev.sparsed.examples.eval.speed.SpeedSubject}, {@link
 * dev.sparsed.examples.eval.speed.SpeedReport} holds what was measured and writes it as a table or
 * JSON, {@link dev.sparsed.examples.eval.speed.SpeedChart} draws it. Nothing here knows of models.
 */
@NullMarked
package dev.sparsed.examples.eval.speed;

import org.jspecify.annotations.NullMarked;
