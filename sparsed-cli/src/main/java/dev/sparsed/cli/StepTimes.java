package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The times of the steps that ran the model, by what they did with attention. */
final class StepTimes implements GenerationListener {

  private final GenerationListener next;
  private final Map<AttentionPhase, List<Double>> times = new EnumMap<>(AttentionPhase.class);

  StepTimes(GenerationListener next) {
    this.next = next;
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    if (progress.ran()) {
      times
          .computeIfAbsent(progress.phase(), unused -> new ArrayList<>())
          .add(progress.time().toNanos() / 1e6);
    }
    return next.onStep(progress);
  }

  /** Half of the steps took less, in milliseconds: the first of a process takes far longer. */
  OptionalDouble median(AttentionPhase phase) {
    List<Double> sorted = times.getOrDefault(phase, List.of()).stream().sorted().toList();
    return sorted.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(sorted.get(sorted.size() / 2));
  }
}
