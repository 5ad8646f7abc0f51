package dev.sparsed.spark;

import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.answer.Answer;
import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * What Spark's page shows of a stage that generates. Rows that Spark computes again are counted
 * again.
 */
final class JobMetrics implements Serializable {

  private static final long serialVersionUID = 1;

  private final LongAccumulator answers;
  private final LongAccumulator errors;
  private final LongAccumulator tokens;
  private final LongAccumulator forwardPasses;
  private final MeanAccumulator density = new MeanAccumulator();

  private JobMetrics(SparkContext context) {
    answers = context.longAccumulator("sparsed answers");
    errors = context.longAccumulator("sparsed errors");
    tokens = context.longAccumulator("sparsed tokens");
    forwardPasses = context.longAccumulator("sparsed forward passes");
    context.register(density, "sparsed mean density");
  }

  /** Counters that a driver registers and its tasks add to. */
  static JobMetrics registeredWith(SparkContext context) {
    return new JobMetrics(context);
  }

  /** Counts an answer; by the task's own thread. */
  void add(Answer answer) {
    add(
        1,
        answer.tokens(),
        answer.generation().phases().values().stream()
            .mapToLong(GenerationResult.PhaseUse::forwardPasses)
            .sum());
    answer.generation().density().ifPresent(density::add);
  }

  /** Counts answers; by the task's own thread. */
  void add(int given, long theirTokens, long theirPasses) {
    answers.add((long) given);
    tokens.add(theirTokens);
    forwardPasses.add(theirPasses);
  }

  /** Counts a row that has no answer; by the task's own thread. */
  void addError() {
    errors.add(1L);
  }
}
