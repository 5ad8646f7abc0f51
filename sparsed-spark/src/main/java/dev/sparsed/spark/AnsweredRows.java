package dev.sparsed.spark;

import com.google.common.base.Throwables;
import dev.sparsed.cuda.CudaException;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one task with their answers, in the rows' order. Up to a batch of them are generated
 * at a time, by threads of their own, whose calls of the model share its passes where they can.
 */
final class AnsweredRows implements Iterator<Row>, AutoCloseable {

  /** A row whose answer comes to be. */
  private record Asked(Row row, Future<Answer> answer) {}

  private final Iterator<Row> rows;
  private final RowQuestions questions;
  private final AnswerGenerator generator;
  private final JobMetrics metrics;
  private final int batch;
  private final ExecutorService threads;
  private final Deque<Asked> asked = new ArrayDeque<>();

  AnsweredRows(
      Iterator<Row> rows,
      RowQuestions questions,
      AnswerGenerator generator,
      JobMetrics metrics,
      int batch) {
    this.rows = rows;
    this.questions = questions;
    this.generator = generator;
    this.metrics = metrics;
    this.batch = batch;
    this.threads =
        Executors.newFixedThreadPool(
            batch,
            work -> {
              Thread thread = new Thread(work, "sparsed-row");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public boolean hasNext() {
    boolean more = !asked.isEmpty() || rows.hasNext();
    if (!more) {
      close();
    }
    return more;
  }

  @Override
  public Row next() {
    while (asked.size() < batch && rows.hasNext()) {
      Row row = rows.next();
      asked.add(new Asked(row, threads.submit(() -> answer(row))));
    }
    if (asked.isEmpty()) {
      throw new NoSuchElementException();
    }
    return finish(asked.remove());
  }

  private Answer answer(Row row) {
    Answer answer = generator.answer(questions.request(row), AnswerListener.NONE);
    if (answer.ending() == Answer.Ending.CANCELLED) {
      throw new CancellationException("the task is over");
    }
    return answer;
  }

  private Row finish(Asked next) {
    try {
      Answer answer = next.answer().get();
      metrics.add(answer);
      return with(next.row(), answer.text(), null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new CancellationException("the task was interrupted");
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof RuntimeException failure) || !isOfItsRow(failure)) {
        close();
        throw new IllegalStateException("a generation failed", e.getCause());
      }
      metrics.addError();
      return with(next.row(), null, reason(failure));
    }
  }

  /**
   * Not memory, devices and natives, whose exceptions LibTorch's bindings throw unnamed; of a pass
   * that several rows shared they are the causes.
   */
  static boolean isOfItsRow(Throwable failure) {
    return Throwables.getCausalChain(failure).stream()
        .noneMatch(
            each ->
                each instanceof Error
                    || each.getClass() == RuntimeException.class
                    || each instanceof CudaException
                    || each instanceof CancellationException);
  }

  private static String reason(RuntimeException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private static Row with(Row row, @Nullable String answer, @Nullable String error) {
    Object[] values = new Object[row.length() + 2];
    for (int i = 0; i < row.length(); i++) {
      values[i] = row.get(i);
    }
    values[row.length()] = answer;
    values[row.length() + 1] = error;
    return RowFactory.create(values);
  }

  /** Ends what still runs; nothing of it is used. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
