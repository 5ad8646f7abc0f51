package dev.sparsed.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.accuracy.AccuracyRun;
import dev.sparsed.eval.accuracy.AccuracySummary;
import dev.sparsed.eval.accuracy.AnswerSource;
import dev.sparsed.eval.accuracy.BatchSource;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.accuracy.Prediction;
import dev.sparsed.eval.accuracy.Predictions;
import dev.sparsed.eval.cluster.EvalCluster;
import dev.sparsed.eval.model.EvalModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Answers tasks with a model and a method, and scores the answers. */
public final class AccuracyEvaluation {

  private final EvalModel model;
  private final AccuracySettings settings;

  /**
   * Prepares an evaluation.
   *
   * @param model answers; it stays the caller's
   * @param settings how it is asked
   */
  public AccuracyEvaluation(EvalModel model, AccuracySettings settings) {
    this.model = model;
    this.settings = settings;
  }

  /**
   * Finds tasks that cannot be answered, without the weights.
   *
   * @param tasks the tasks
   * @return what the longest of them needs
   * @throws IllegalArgumentException if some cannot be answered; names their lines and why
   */
  public Feasibility check(List<EvalTask> tasks) {
    return Feasibility.check(model, settings.question(), tasks, settings.generationLength());
  }

  /**
   * Everything that decides the answers to given tasks.
   *
   * @return setting to value: the model's identity, the method, the sampling with its defaults, the
   *     lengths and the seed
   * @throws IllegalArgumentException if the method cannot be used so with this model
   */
  public ImmutableMap<String, String> identity() {
    ImmutableMap.Builder<String, String> identity = ImmutableMap.builder();
    identity.putAll(model.identity());
    identity.put("method", model.describe(settings.use().method()));
    identity.putAll(model.settings(settings.use()));
    identity.put("early_stop", Boolean.toString(settings.use().earlyStop()));
    identity.put("seq_len", Integer.toString(settings.generationLength()));
    identity.put(
        "steps",
        settings.steps().isPresent()
            ? Integer.toString(settings.steps().getAsInt())
            : "of the method");
    identity.put("batch", Integer.toString(settings.batch()));
    identity.put("seed", Long.toString(settings.seed()));
    identity.put("apply_chat_template", Boolean.toString(settings.chatTemplate()));
    return identity.buildOrThrow();
  }

  /**
   * Answers all tasks and keeps the answers in memory.
   *
   * @param tasks the tasks
   * @return answers, scores and what they took
   * @throws IllegalArgumentException if some cannot be answered; names their lines and why
   */
  public AccuracyResult run(List<EvalTask> tasks) {
    check(tasks);
    try {
      return run(tasks, Predictions.inMemory(), (done, total, score) -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Nothing in memory fails so.
    }
  }

  /**
   * Answers the tasks whose answers are not recorded yet.
   *
   * @param tasks the tasks
   * @param record where the answers go, such as a {@link dev.sparsed.eval.accuracy.PredictionLog};
   *     it stays the caller's
   * @param listener hears of every batch
   * @return all answers, scores, and what the new ones took
   * @throws IOException if answers cannot be recorded
   */
  public AccuracyResult run(List<EvalTask> tasks, Predictions record, AccuracyRun.Listener listener)
      throws IOException {
    ThroughputCount speed = new ThroughputCount();
    AnswerSource source =
        (prompts, length, seed) ->
            speed.count(prompts.size(), model.answer(settings.question(), prompts, length, seed));
    return result(planned(tasks).run(source, record, listener), speed);
  }

  /**
   * Answers the tasks whose answers are not recorded yet on a cluster, which gives the answers that
   * this machine would give; the weights are not loaded here.
   *
   * @param tasks the tasks
   * @param record where the answers go; it stays the caller's
   * @param listener hears of every batch
   * @param cluster answers, with the model of this evaluation; it stays the caller's
   * @return all answers, scores, and what the new ones took: times of all machines added up
   * @throws IOException if answers cannot be recorded
   */
  public AccuracyResult run(
      List<EvalTask> tasks, Predictions record, AccuracyRun.Listener listener, EvalCluster cluster)
      throws IOException {
    ThroughputCount speed = new ThroughputCount();
    BatchSource source =
        (batches, receiver) ->
            cluster.answer(
                settings.question(),
                batches,
                answers -> receiver.accept(speed.count(answers.texts().size(), answers)));
    return result(planned(tasks).runAtOnce(source, record, listener), speed);
  }

  private AccuracyRun planned(List<EvalTask> tasks) {
    return new AccuracyRun(
        ImmutableList.copyOf(tasks),
        settings.batch(),
        settings.generationLength(),
        settings.seed());
  }

  private static AccuracyResult result(
      ImmutableList<Prediction> predictions, ThroughputCount speed) {
    return new AccuracyResult(predictions, AccuracySummary.of(predictions), speed.total());
  }
}
