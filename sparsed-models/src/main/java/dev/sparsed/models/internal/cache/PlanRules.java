package dev.sparsed.models.internal.cache;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.LayerView;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Refuses plans that make no sense.
 *
 * @param policy whose plans they are
 * @param length tokens of the sequence
 * @param layers layers of the model
 * @param sequence which of the sequences of its generation it is
 */
record PlanRules(CachePolicy policy, int length, int layers, int sequence) {

  /**
   * Requires that a plan feeds what exists, and something that can be decided.
   *
   * @throws IllegalStateException if it does not
   */
  CachePlan checked(@Nullable CachePlan plan, CacheStep step, UnaryOperator<Positions> readable) {
    CachePlan there = present(plan, step);
    Positions fed = there.fed(length);
    checkState(
        fed.last() < length,
        "%s feeds position %s, but the sequence has %s tokens",
        where(step.decoding()),
        fed.last(),
        length);
    DecodingStep block = step.decoding();
    Positions open = step.masked().within(block.start(), block.end());
    checkState(
        open.isEmpty() || fed.size() == length || !readable.apply(fed).intersect(open).isEmpty(),
        "%s feeds %s, which decides none of the block's masked positions %s: feed some of them with"
            + " what they are predicted from, such as step.withRows(step.masked())",
        where(step.decoding()),
        fed,
        open);
    requireLayers(there, fed, step);
    return there;
  }

  /**
   * Requires that a plan makes sense with what another one feeds, which was checked.
   *
   * @return the plan, feeding what the other one feeds
   * @throws IllegalStateException if it does not
   */
  CachePlan checkedAs(@Nullable CachePlan plan, CachePlan other, CacheStep step) {
    CachePlan there = present(plan, step).feedingAs(other);
    requireLayers(there, there.fed(length), step);
    return there;
  }

  private void requireLayers(CachePlan plan, Positions fed, CacheStep step) {
    int[] passedOver = IntStream.range(0, layers).filter(plan::passesOver).toArray();
    if (passedOver.length == 0) {
      return;
    }
    checkState(
        fed.size() < length,
        "%s feeds the whole sequence and lets layers %s not run, so that nothing would be kept"
            + " there: let all layers run, or feed a part",
        where(step.decoding()),
        Positions.of(passedOver));
    checkState(
        passedOver[passedOver.length - 1] < layers - 1,
        "%s lets the last layer, %s, not run, whose rows are read",
        where(step.decoding()),
        layers - 1);
  }

  /** Requires that there is a plan. */
  CachePlan present(@Nullable CachePlan plan, CacheStep step) {
    checkState(plan != null, "%s has no plan", where(step.decoding()));
    return plan;
  }

  /** Requires that there are positions to read. */
  Positions reads(@Nullable Positions chosen, int layer) {
    checkState(chosen != null, "%s reads null in layer %s", who(), layer);
    return chosen;
  }

  /** Requires that what is to be kept is there. */
  Positions kept(@Nullable Positions chosen, LayerView layer) {
    checkState(chosen != null, "%s keeps null in layer %s", who(), layer.layer());
    checkState(
        layer.stored().containsAll(chosen),
        "%s keeps positions %s in layer %s, which has no keys of them",
        who(),
        chosen.without(layer.stored()),
        layer.layer());
    return chosen;
  }

  /** Whose plan it is, to begin a message with. */
  String who() {
    return String.format(Locale.ROOT, "cache policy %s, sequence %d", policy, sequence);
  }

  private String where(DecodingStep step) {
    return String.format(Locale.ROOT, "%s: the plan of step %d", who(), step.number());
  }
}
