package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * Blocks that are decoded one after the other and counted from the sequence's start, as attention
 * that is causal over blocks counts its own: the first one may begin with the end of the prompt,
 * and the last one ends with the sequence.
 *
 * @param length tokens per block, at least 1
 * @param mostSteps steps that a whole block takes at most, 1 to {@code length}
 */
public record SequenceBlocks(int length, int mostSteps) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public SequenceBlocks {
    checkArgument(length >= 1, "length must be at least 1 but is %s", length);
    checkArgument(
        mostSteps >= 1 && mostSteps <= length,
        "mostSteps must be 1 to the %s tokens of a block but is %s",
        length,
        mostSteps);
  }

  /**
   * What is generated of a position's block.
   *
   * @param position the position
   * @param generation where tokens are generated
   * @return the positions from the block's first one that is generated to its last one
   */
  public Positions around(int position, Positions generation) {
    int start = position / length * length;
    int end = (int) Math.min(generation.last() + 1L, start + (long) length);
    return Positions.range(Math.max(generation.first(), start), end);
  }

  /**
   * The steps of a generation whose blocks all take as many as they may, evenly spread over their
   * tokens. Each stands in the attention schedule where as many tokens are decided.
   *
   * @param generation where tokens are generated, one range
   * @return the steps
   */
  public List<DecodingStep> steps(Positions generation) {
    List<DecodingStep> all = new ArrayList<>();
    for (int from = generation.first(); from <= generation.last(); ) {
      Positions block = around(from, generation);
      int count = Math.min(mostSteps, block.size());
      for (int i = 0; i < count; i++) {
        int decided = from - generation.first() + (int) ((long) block.size() * i / count);
        all.add(new DecodingStep(all.size(), decided, from, block.last() + 1, i, i == count - 1));
      }
      from = block.last() + 1;
    }
    return all;
  }
}
