/**
 * Evaluations as a library: a model and a method give answers to tasks, with their scores, or
 * measurements of speed and memory.
 *
 * <pre>{@code
 * try (EvalModel model = CheckpointModel.open("GSAI-ML/LLaDA-1.5", ModelOptions.DEFAULT)) {
 *   List<EvalTask> tasks = TaskFile.read(Path.of("tasks.jsonl"), Optional.of(Metric.LAST_NUMBER));
 *   AccuracySettings settings = AccuracySettings.of(Method.parse("sparsed:select=0.3+dual-cache"));
 *   AccuracyResult result = new AccuracyEvaluation(model, settings).run(tasks);
 *   System.out.print(result.summary().toText() + result.speed().toText());
 * }
 * }</pre>
 *
 * <p>{@link dev.sparsed.eval.AccuracyEvaluation} and {@link dev.sparsed.eval.SpeedEvaluation} are
 * the ways in; what they ask of a model is in {@code model}, tasks and scores are in {@code
 * accuracy}, measurements in {@code speed}, made-up tasks in {@code ruler}, tables in {@code run}.
 * Nothing here reads a command line or draws progress.
 */
@NullMarked
package dev.sparsed.eval;

import org.jspecify.annotations.NullMarked;
