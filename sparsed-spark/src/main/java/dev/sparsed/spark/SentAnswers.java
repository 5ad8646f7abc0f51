package dev.sparsed.spark;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.model.EvalModel;
import java.io.Serializable;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** {@link EvalModel.Answers} on their way to the driver; null where there is nothing. */
record SentAnswers(
    ImmutableList<String> texts,
    int tokens,
    int positions,
    int forwardPasses,
    @Nullable Integer committedTokens,
    double seconds,
    @Nullable Long deviceBytes)
    implements Serializable {

  static SentAnswers of(EvalModel.Answers answers) {
    return new SentAnswers(
        answers.texts(),
        answers.tokens(),
        answers.positions(),
        answers.forwardPasses(),
        answers.committedTokens().isPresent()
            ? (Integer) answers.committedTokens().getAsInt()
            : null,
        answers.seconds(),
        answers.deviceBytes().isPresent() ? (Long) answers.deviceBytes().getAsLong() : null);
  }

  EvalModel.Answers answers() {
    return new EvalModel.Answers(
        texts,
        tokens,
        positions,
        forwardPasses,
        committedTokens == null ? OptionalInt.empty() : OptionalInt.of(committedTokens),
        seconds,
        deviceBytes == null ? OptionalLong.empty() : OptionalLong.of(deviceBytes));
  }
}
