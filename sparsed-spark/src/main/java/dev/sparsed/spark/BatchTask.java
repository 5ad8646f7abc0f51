package dev.sparsed.spark;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.model.CheckpointModel;
import dev.sparsed.eval.model.EvalModel;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/** What a task of an evaluation does: answers its one batch with the executor's model. */
final class BatchTask extends AbstractFunction2<TaskContext, Iterator<SentBatch>, SentAnswers>
    implements Serializable {

  /** Instead of a path: the demo model, which every executor has in a jar. */
  static final String DEMO = "";

  private static final long serialVersionUID = 1;

  private static final LoadedModels<EvalModel> MODELS = new LoadedModels<>(BatchTask::open);

  private final ModelSource source;
  private final SentQuestion question;
  private final JobMetrics metrics;

  BatchTask(ModelSource source, SentQuestion question, JobMetrics metrics) {
    this.source = source;
    this.question = question;
    this.metrics = metrics;
  }

  private static EvalModel open(ModelSource.Key key) {
    return key.path().equals(DEMO)
        ? CheckpointModel.open(DemoCheckpoint.folder(), "demo", key.options())
        : CheckpointModel.open(LocalWeights.of(key.path()), key.options());
  }

  @Override
  public SentAnswers apply(TaskContext task, Iterator<SentBatch> batches) {
    SentBatch batch = batches.next();
    try (LoadedModels.Lease<EvalModel> lease = MODELS.lease(source.forTask(task))) {
      EvalModel.Answers answers =
          lease
              .model()
              .answer(
                  question.question(), batch.taskPrompts(), batch.generationLength(), batch.seed());
      metrics.add(answers.texts().size(), answers.tokens(), answers.forwardPasses());
      return SentAnswers.of(answers);
    }
  }
}
