package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The times of the same calls, made again and again. */
final class Rounds {

  /** How far two times are apart at most that nothing came between. */
  private static final double STEADY = 1.25;

  private final List<AttentionTimings> rounds = new ArrayList<>();

  void add(AttentionTimings round) {
    rounds.add(round);
  }

  int count() {
    return rounds.size();
  }

  /** The shortest time of each call: what else runs on the machine makes calls longer only. */
  AttentionTimings best() {
    return rounds.stream().reduce(AttentionTimings::fastest).orElseThrow();
  }

  /** Whether the shortest time of each call was reached twice, so that it is the call's own. */
  boolean isSteady() {
    return rounds.size() > 1
        && isSteady(AttentionTimings::denseSeconds)
        && isSteady(AttentionTimings::sparseSeconds)
        && isSteady(AttentionTimings::selectSeconds);
  }

  private boolean isSteady(ToDoubleFunction<AttentionTimings> call) {
    double[] sorted = rounds.stream().mapToDouble(call).sorted().toArray();
    return sorted[1] <= STEADY * sorted[0];
  }
}
