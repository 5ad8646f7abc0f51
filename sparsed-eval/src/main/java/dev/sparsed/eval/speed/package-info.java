/**
 * Speed and memory of methods over context and generation lengths. {@link
 * dev.sparsed.eval.speed.SpeedRun} repeats generations of any {@link
 * dev.sparsed.eval.speed.SpeedSubject}, {@link dev.sparsed.eval.speed.SpeedReport} holds what was
 * measured and writes it as a table or JSON, {@link dev.sparsed.eval.speed.SpeedChart} draws it.
 * Nothing here knows of models.
 */
@NullMarked
package dev.sparsed.eval.speed;

import org.jspecify.annotations.NullMarked;
