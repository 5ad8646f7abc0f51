package dev.sparsed.spark;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.AnswerBatch;
import dev.sparsed.eval.cluster.ClusterModel;
import dev.sparsed.eval.cluster.EvalCluster;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import scala.reflect.ClassTag$;

/** Answers an evaluation's batches by Spark, one task each. */
final class SparkEvalCluster implements EvalCluster {

  /** The jars that executors need and that the driver has, with commas between them. */
  private static final String JARS = "sparsed.spark.jars";

  private final SparkContext context;
  private final boolean own;
  private final ModelSource model;

  private SparkEvalCluster(SparkContext context, boolean own, ModelSource model) {
    this.context = context;
    this.own = own;
    this.model = model;
  }

  static SparkEvalCluster connect(String master, ClusterModel model) {
    // With what is set by system properties that begin with spark.
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setIfMissing("spark.app.name", "sparsed eval accuracy")
            .set("spark.ui.showConsoleProgress", "false");
    String jars = System.getProperty(JARS, "");
    if (!jars.isEmpty() && !master.startsWith("local")) {
      conf.setIfMissing("spark.jars", jars);
    }
    boolean own = SparkContext$.MODULE$.getActive().isEmpty();
    return new SparkEvalCluster(SparkContext.getOrCreate(conf), own, source(model));
  }

  static ModelSource source(ClusterModel model) {
    ModelOptions options = model.options();
    if (options.attention().isPresent()) {
      throw new IllegalArgumentException(
          "an attention backend cannot be sent to a cluster's machines; leave it away there");
    }
    // The first card, which is what no number means, is the one that Spark gives a task.
    String device =
        options.device().equals(ComputeDevice.of("cuda")) ? "cuda" : options.device().toString();
    return new ModelSource(
            model.path().orElse(BatchTask.DEMO),
            device,
            options.precision().map(Precision::toString).orElse(null),
            options.threads().isPresent() ? (Integer) options.threads().getAsInt() : null)
        .with(options.weights(), options.rotary());
  }

  @Override
  public void answer(
      EvalModel.Question question, ImmutableList<AnswerBatch> batches, Receiver receiver)
      throws IOException {
    BatchTask task =
        new BatchTask(model, SentQuestion.of(question), JobMetrics.registeredWith(context));
    try {
      context.runJob(
          new JavaSparkContext(context)
              .parallelize(batches.stream().map(SentBatch::of).toList(), batches.size())
              .rdd(),
          task,
          new BatchesInOrder(receiver),
          ClassTag$.MODULE$.apply(SentAnswers.class));
    } catch (Exception e) { // Scala's methods declare none of those they throw.
      throw failure(e);
    }
  }

  private IOException failure(Exception thrown) {
    if (context.isStopped()) {
      return new IOException(
          "Spark at " + context.master() + " cannot be reached, or has ended the application",
          thrown);
    }
    if (thrown.getCause() instanceof UncheckedIOException unrecorded) {
      return Objects.requireNonNull(unrecorded.getCause());
    }
    if (thrown instanceof SparkException) {
      return new IOException("the cluster gave up: " + thrown.getMessage(), thrown);
    }
    if (thrown instanceof RuntimeException unexpected) {
      throw unexpected;
    }
    return new IOException(thrown);
  }

  @Override
  public void close() {
    if (own) {
      context.stop();
    }
  }
}
