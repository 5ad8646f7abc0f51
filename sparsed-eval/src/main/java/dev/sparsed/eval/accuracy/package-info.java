/**
 * Accuracy of a model on a file of tasks: {@link dev.sparsed.eval.accuracy.TaskFile} reads and
 * checks the tasks, {@link dev.sparsed.eval.accuracy.Metric} scores one answer, {@link
 * dev.sparsed.eval.accuracy.PredictionLog} keeps the answers on disk so that a killed run
 * continues, and {@link dev.sparsed.eval.accuracy.AccuracyRun} puts them together over any {@link
 * dev.sparsed.eval.accuracy.AnswerSource}. Nothing here knows of tensors or models.
 */
@NullMarked
package dev.sparsed.eval.accuracy;

import org.jspecify.annotations.NullMarked;
