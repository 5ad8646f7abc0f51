package dev.sparsed.cuda;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.TopK;
import java.util.Optional;

/**
 * A selector that the device can run itself: the best {@code count} of all blocks and, isolated, of
 * the generation's blocks the best {@code generationCount} under their own softmax.
 *
 * @param isolated whether prompt and generation are selected separately
 * @param count blocks kept of all
 * @param generationCount blocks kept of the generation's; 0 if not isolated
 * @param rowCapacity most blocks that a row can have
 */
record DeviceSelection(boolean isolated, int count, int generationCount, int rowCapacity) {

  static Optional<DeviceSelection> of(
      BlockSelector selector, BlockGrid grid, ScoreRequest request) {
    int n = grid.keyBlocks();
    if (selector instanceof TopK topK) {
      int count = kept(n, topK.select());
      return Optional.of(new DeviceSelection(false, count, 0, count));
    }
    if (selector instanceof IsolatedTopK isolated) {
      int m = request.firstGenerationBlock();
      int count = kept(n, isolated.select());
      int generationCount = kept(n - m, isolated.select());
      return Optional.of(
          new DeviceSelection(true, count, generationCount, Math.min(m, count) + generationCount));
    }
    return Optional.empty();
  }

  /** The number of blocks SparseD keeps of n: {@code min(n, floor(n * select) + 1)}. */
  private static int kept(int n, double select) {
    return (int) Math.min(n, Math.floor(n * select) + 1);
  }
}
