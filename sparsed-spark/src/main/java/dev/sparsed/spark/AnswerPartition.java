package dev.sparsed.spark;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.SharedPasses;
import dev.sparsed.models.answer.AnswerGenerator;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/** What a task does: answers its rows with the executor's model. */
final class AnswerPartition implements MapPartitionsFunction<Row, Row> {

  private static final long serialVersionUID = 1;

  private static final LoadedModels<DiffusionModel> MODELS =
      new LoadedModels<>(
          key -> DiffusionModel.load(LocalWeights.of(key.path()), exact(key.options())));

  private final ModelSource source;
  private final RowQuestions questions;
  private final JobMetrics metrics;
  private final int batch;

  AnswerPartition(ModelSource source, RowQuestions questions, JobMetrics metrics, int batch) {
    this.source = source;
    this.questions = questions;
    this.metrics = metrics;
    this.batch = batch;
  }

  /** An answer does not depend on what the executor's other tasks compute, to the last bit. */
  private static ModelOptions exact(ModelOptions options) {
    return options.withSharedPasses(options.sharedPasses().withMode(SharedPasses.BatchMode.EXACT));
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return rows; // No model is loaded for nothing.
    }
    TaskContext task = TaskContext.get();
    LoadedModels.Lease<DiffusionModel> lease = MODELS.lease(source.forTask(task));
    atEnd(task, over -> lease.close());
    questions.check(lease.model());
    AnsweredRows answered =
        new AnsweredRows(rows, questions, new AnswerGenerator(lease.model()), metrics, batch);
    atEnd(task, over -> answered.close());
    return answered;
  }

  /** Names the one that is meant of two methods that a lambda fits. */
  private static void atEnd(TaskContext task, TaskCompletionListener listener) {
    task.addTaskCompletionListener(listener);
  }
}
