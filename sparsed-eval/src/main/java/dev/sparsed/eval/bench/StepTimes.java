package dev.sparsed.eval.bench;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import com.google.common.collect.Multimaps;
import com.google.common.primitives.Doubles;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Takes the times of a generation's steps that run the model, and what they go to. */
final class StepTimes implements GenerationListener {

  private final Optional<WorkClock> clock;
  private final ListMultimap<StepKind, Double> seconds =
      MultimapBuilder.linkedHashKeys().arrayListValues().build();
  private final Map<StepKind, WorkShares> shares = new LinkedHashMap<>();

  /**
   * Before the first step.
   *
   * @param clock counts the work of the thread that generates, or nobody does
   */
  StepTimes(Optional<WorkClock> clock) {
    this.clock = clock;
    clock.ifPresent(WorkClock::lap);
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    Optional<WorkShares> work = clock.map(WorkClock::lap).map(WorkShares::ofStep);
    if (progress.ran()) {
      StepKind kind = StepKind.of(progress);
      seconds.put(kind, progress.time().toNanos() / 1e9);
      work.ifPresent(step -> shares.merge(kind, step, WorkShares::plus));
    }
    return Reaction.CONTINUE;
  }

  /** Takes in those of another generation. */
  void addAll(StepTimes other) {
    seconds.putAll(other.seconds);
    other.shares.forEach((kind, work) -> shares.merge(kind, work, WorkShares::plus));
  }

  ImmutableMap<StepKind, Spread> seconds() {
    ImmutableMap.Builder<StepKind, Spread> spreads = ImmutableMap.builder();
    Multimaps.asMap(seconds)
        .forEach((kind, all) -> spreads.put(kind, Spread.of(Doubles.toArray(all))));
    return spreads.buildOrThrow();
  }

  ImmutableMap<StepKind, WorkShares> shares() {
    return ImmutableMap.copyOf(shares);
  }
}
