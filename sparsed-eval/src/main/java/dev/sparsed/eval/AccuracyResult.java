package dev.sparsed.eval;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.AccuracySummary;
import dev.sparsed.eval.accuracy.Prediction;

/**
 * What an evaluation of accuracy gave.
 *
 * @param predictions the answers and their scores, in the tasks' order
 * @param summary scores per group of tasks and over all of them
 * @param speed what those of the answers took that this evaluation generated itself
 */
public record AccuracyResult(
    ImmutableList<Prediction> predictions, AccuracySummary summary, Throughput speed) {}
