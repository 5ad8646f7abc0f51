package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.attention.internal.LayerPhases;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The phases of a sequence of a model whose attention is causal over blocks. Where the schedule
 * asks for anything but full attention, the first step that feeds the whole of a block chooses what
 * the block reads of the keys before it, and the steps of the block after it read that, those that
 * feed a part of the block alone among them.
 */
final class PrefixPhases {

  private final int blockLength;
  private final int length;

  /** For each layer the end of the block that its pattern is of, 0 before there is one. */
  private final int[] chosen;

  /**
   * Before the first step.
   *
   * @param blockLength tokens per block of the model's attention
   * @param length tokens of the sequence
   * @param layers number of layers
   */
  PrefixPhases(int blockLength, int length, int layers) {
    this.blockLength = blockLength;
    this.length = length;
    this.chosen = new int[layers];
  }

  /**
   * The phases of the next pass, which is going to run.
   *
   * @param session has the schedules
   * @param context where the sequence stands
   * @param step the step
   * @param fed what it feeds
   */
  LayerPhases next(
      SparseAttention<?> session, StepContext context, DecodingStep step, Positions fed) {
    session.beginStep(context);
    int block = (step.end() - 1) / blockLength;
    int end = (int) Math.min(length, (block + 1L) * blockLength);
    boolean whole =
        step.start() / blockLength == block
            && fed.last() + 1 == end
            && fed.containsAll(Positions.range(block * blockLength, end));
    boolean part = !whole && fed.first() >= block * blockLength && fed.isRange();
    List<AttentionPhase> phases = new ArrayList<>(chosen.length);
    for (int layer = 0; layer < chosen.length; layer++) {
      boolean reuses = chosen[layer] == end && (whole || (part && fits(session, layer, fed)));
      if (session.phase(layer) == AttentionPhase.FULL || !(whole || reuses)) {
        phases.add(AttentionPhase.FULL);
      } else if (reuses) {
        phases.add(AttentionPhase.SPARSE);
      } else {
        chosen[layer] = end;
        phases.add(AttentionPhase.FULL_AND_SELECT);
      }
    }
    return LayerPhases.of(phases);
  }

  /** Whether a part of a block begins at a border of a layer's query blocks or lies within one. */
  private boolean fits(SparseAttention<?> session, int layer, Positions part) {
    int tokens = session.policy(layer).blocks().queryTokens();
    int from = part.first() % blockLength;
    int last = part.last() % blockLength;
    return from % tokens == 0 || from / tokens == last / tokens;
  }
}
