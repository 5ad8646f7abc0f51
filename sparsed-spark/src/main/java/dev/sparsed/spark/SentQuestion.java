package dev.sparsed.spark;

import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.io.Serializable;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** {@link EvalModel.Question} on its way to the executors; null where nothing is said. */
record SentQuestion(
    String method,
    @Nullable String algorithm,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable Double algorithmTemperature,
    @Nullable Double guidance,
    boolean earlyStop,
    boolean chatTemplate,
    @Nullable Integer steps)
    implements Serializable {

  static SentQuestion of(EvalModel.Question question) {
    Sampling sampling = question.use().sampling();
    return new SentQuestion(
        question.use().method().name(),
        sampling.algorithm().orElse(null),
        boxed(sampling.temperature()),
        boxed(sampling.topP()),
        boxed(sampling.topK()),
        boxed(sampling.algorithmTemperature()),
        boxed(sampling.guidance()),
        question.use().earlyStop(),
        question.chatTemplate(),
        boxed(question.steps()));
  }

  EvalModel.Question question() {
    Sampling sampling =
        new Sampling(
            Optional.ofNullable(algorithm),
            optional(temperature),
            optional(topP),
            optional(topK),
            optional(algorithmTemperature),
            optional(guidance));
    return new EvalModel.Question(
        new MethodUse(Method.parse(method), sampling, earlyStop), chatTemplate, optional(steps));
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? (Double) value.getAsDouble() : null;
  }

  private static @Nullable Integer boxed(OptionalInt value) {
    return value.isPresent() ? (Integer) value.getAsInt() : null;
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static OptionalInt optional(@Nullable Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
