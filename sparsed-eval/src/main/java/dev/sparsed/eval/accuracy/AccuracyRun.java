package dev.sparsed.eval.accuracy;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.Iterator;

/**
 * Asks all tasks and keeps the answers. Batches are cut from the list of tasks once and for all, so
 * that a continued run asks the very batches, with the very seeds, that an undisturbed run asks. If
 * a batch is on disk in part, it is asked again as a whole and only its missing lines are added.
 */
public final class AccuracyRun {

  /** Hears of every batch. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Called after a batch is recorded, and once at the start.
     *
     * @param done tasks answered
     * @param total tasks in all
     * @param meanScore mean of the scores so far, 0 to 1; 0 while there are none
     */
    void progress(int done, int total, double meanScore);
  }

  private record Batch(int start, ImmutableList<EvalTask> tasks, int generationLength) {

    int end() {
      return start + tasks.size();
    }
  }

  private final ImmutableList<Batch> batches;
  private final int total;
  private final long seed;

  /**
   * Plans a run.
   *
   * @param tasks the tasks
   * @param batch tasks asked together, at least 1; tasks of different generation lengths never are
   * @param defaultLength tokens to generate where a task does not say, at least 1
   * @param seed the seed of the run
   */
  public AccuracyRun(ImmutableList<EvalTask> tasks, int batch, int defaultLength, long seed) {
    checkArgument(batch >= 1, "batch must be at least 1 but is %s", batch);
    checkArgument(
        defaultLength >= 1, "the generation length must be at least 1 but is %s", defaultLength);
    this.batches = cut(tasks, batch, defaultLength);
    this.total = tasks.size();
    this.seed = seed;
  }

  private static ImmutableList<Batch> cut(
      ImmutableList<EvalTask> tasks, int batch, int defaultLength) {
    ImmutableList.Builder<Batch> batches = ImmutableList.builder();
    int start = 0;
    while (start < tasks.size()) {
      int length = tasks.get(start).generationLength().orElse(defaultLength);
      boolean fills = tasks.get(start).prompt().gaps().isPresent();
      int end = start + 1;
      while (end < tasks.size()
          && end < start + batch
          && tasks.get(end).prompt().gaps().isPresent() == fills
          && tasks.get(end).generationLength().orElse(defaultLength) == length) {
        end++;
      }
      batches.add(new Batch(start, tasks.subList(start, end), length));
      start = end;
    }
    return batches.build();
  }

  /**
   * Asks what is not recorded yet, one batch after the other.
   *
   * @param source answers the prompts; not asked at all if the record is complete
   * @param log where the answers go
   * @param listener hears of every batch
   * @return all predictions, in the tasks' order
   * @throws IOException if predictions cannot be written
   */
  public ImmutableList<Prediction> run(AnswerSource source, Predictions log, Listener listener)
      throws IOException {
    return runAtOnce(
        (asked, receiver) -> {
          for (AnswerBatch batch : asked) {
            receiver.accept(source.answer(batch.prompts(), batch.generationLength(), batch.seed()));
          }
        },
        log,
        listener);
  }

  /**
   * Asks what is not recorded yet, all of it at once. The batches and their seeds are those of
   * {@link #run}.
   *
   * @param source answers the batches; not asked at all if the record is complete
   * @param log where the answers go
   * @param listener hears of every batch
   * @return all predictions, in the tasks' order
   * @throws IOException if predictions cannot be written
   */
  public ImmutableList<Prediction> runAtOnce(BatchSource source, Predictions log, Listener listener)
      throws IOException {
    report(log, listener);
    int before = log.recorded().size();
    ImmutableList<Batch> missing =
        batches.stream()
            .filter(batch -> batch.end() > before)
            .collect(ImmutableList.toImmutableList());
    if (!missing.isEmpty()) {
      Iterator<Batch> next = missing.iterator();
      source.answer(
          missing.stream().map(this::asked).collect(ImmutableList.toImmutableList()),
          answers -> {
            record(next.next(), answers, log);
            report(log, listener);
          });
      checkState(!next.hasNext(), "some batches were not answered");
    }
    return log.recorded();
  }

  private AnswerBatch asked(Batch batch) {
    return new AnswerBatch(
        batch.tasks().stream().map(EvalTask::prompt).collect(ImmutableList.toImmutableList()),
        batch.generationLength(),
        seedOf(batch.start()));
  }

  private static void record(Batch batch, ImmutableList<String> answers, Predictions log)
      throws IOException {
    checkState(
        answers.size() == batch.tasks().size(),
        "%s answers to %s prompts",
        answers.size(),
        batch.tasks().size());
    ImmutableList.Builder<Prediction> predictions = ImmutableList.builder();
    for (int i = Math.max(0, log.recorded().size() - batch.start()); i < answers.size(); i++) {
      predictions.add(Prediction.of(batch.tasks().get(i), answers.get(i)));
    }
    log.append(predictions.build());
  }

  /** A seed of its own for each batch, so that a batch does not depend on those before it. */
  private long seedOf(int start) {
    return seed + 0x9E3779B97F4A7C15L * start;
  }

  private void report(Predictions log, Listener listener) {
    ImmutableList<Prediction> recorded = log.recorded();
    listener.progress(
        recorded.size(),
        total,
        recorded.stream().mapToDouble(Prediction::score).average().orElse(0));
  }
}
