package dev.sparsed.attention.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * The phase of each layer in one step. They differ only where an {@link AttentionPolicy#perLayer}
 * gives layers different schedules. Immutable.
 */
public final class LayerPhases {

  private final List<AttentionPhase> phases;
  private final AttentionPhase overall;

  private LayerPhases(List<AttentionPhase> phases) {
    this.phases = phases;
    AttentionPhase most = phases.get(0);
    for (AttentionPhase phase : phases) {
      most = rank(phase) > rank(most) ? phase : most;
    }
    this.overall = most;
  }

  private static int rank(AttentionPhase phase) {
    return switch (phase) {
      case FULL -> 0;
      case SPARSE -> 1;
      case SPARSE_AND_SELECT -> 2;
      case FULL_AND_SELECT -> 3;
    };
  }

  /**
   * Phases layer by layer.
   *
   * @param phases the phase of each layer, in order
   * @return the phases
   * @throws IllegalArgumentException if there are none
   */
  public static LayerPhases of(List<AttentionPhase> phases) {
    checkArgument(!phases.isEmpty(), "there must be at least one layer");
    return new LayerPhases(List.copyOf(phases));
  }

  /**
   * The same phase in all layers.
   *
   * @param phase the phase
   * @param layers number of layers, at least 1
   * @return the phases
   * @throws IllegalArgumentException if the number is below 1
   */
  public static LayerPhases all(AttentionPhase phase, int layers) {
    checkArgument(layers >= 1, "layers must be at least 1 but is %s", layers);
    return new LayerPhases(Collections.nCopies(layers, phase));
  }

  /**
   * What the schedules of the layers' policies say, each asked once.
   *
   * @param layers the policy of each layer
   * @param step where the sequence stands
   * @return the phases
   */
  public static LayerPhases scheduled(List<AttentionPolicy> layers, StepContext step) {
    IdentityHashMap<SkipSchedule, AttentionPhase> asked = new IdentityHashMap<>();
    List<AttentionPhase> phases = new ArrayList<>(layers.size());
    for (AttentionPolicy layer : layers) {
      phases.add(
          asked.computeIfAbsent(layer.schedule(), schedule -> SchedulePhases.of(schedule, step)));
    }
    return of(phases);
  }

  /**
   * The phase of a layer.
   *
   * @param layer index of the layer
   * @return its phase
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public AttentionPhase of(int layer) {
    return phases.get(layer);
  }

  /**
   * One phase for the step as a whole: that of the layer which does the most. A phase that selects
   * is more than one that does not, and a sparse one more than full attention alone.
   *
   * @return the phase
   */
  public AttentionPhase overall() {
    return overall;
  }

  /**
   * The phases layer by layer.
   *
   * @return the phase of each layer, in order; unmodifiable
   */
  public List<AttentionPhase> list() {
    return phases;
  }

  @Override
  public String toString() {
    return phases.toString();
  }
}
