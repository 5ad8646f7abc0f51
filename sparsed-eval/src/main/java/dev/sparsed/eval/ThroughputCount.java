package dev.sparsed.eval;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.speed.HostMemory;
import java.util.OptionalLong;

/** Adds up what answers take. */
final class ThroughputCount {

  private int tasks;
  private long tokens;
  private long positions;
  private long forwardPasses;
  private OptionalLong committed = OptionalLong.of(0);
  private double seconds;
  private OptionalLong deviceBytes = OptionalLong.empty();
  private final HostMemory memory = new HostMemory();

  ThroughputCount() {
    memory.restart();
  }

  ImmutableList<String> count(int asked, EvalModel.Answers answers) {
    tasks += asked;
    tokens += answers.tokens();
    positions += answers.positions();
    forwardPasses += answers.forwardPasses();
    committed =
        committed.isPresent() && answers.committedTokens().isPresent()
            ? OptionalLong.of(committed.getAsLong() + answers.committedTokens().getAsInt())
            : OptionalLong.empty();
    seconds += answers.seconds();
    if (answers.deviceBytes().isPresent()) {
      long bytes = answers.deviceBytes().getAsLong();
      deviceBytes = OptionalLong.of(Math.max(bytes, deviceBytes.orElse(0)));
    }
    return answers.texts();
  }

  Throughput total() {
    return new Throughput(
        tasks,
        tokens,
        positions,
        forwardPasses,
        committed,
        seconds,
        tasks > 0 ? memory.peakBytes() : OptionalLong.empty(),
        deviceBytes);
  }
}
