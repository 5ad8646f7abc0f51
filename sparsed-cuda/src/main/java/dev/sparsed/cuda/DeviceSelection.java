package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.Selection;
import dev.sparsed.select.TopK;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A selection that the device can run itself: the best {@code count} of all blocks and, isolated,
 * of the generation's blocks the best {@code generationCount} under their own softmax.
 *
 * @param selection what is selected
 * @param isolated whether prompt and generation are selected separately
 * @param count blocks kept of all
 * @param generationCount blocks kept of the generation's; 0 if not isolated
 * @param rowCapacity most blocks that a row can have
 */
record DeviceSelection(
    Selection selection, boolean isolated, int count, int generationCount, int rowCapacity) {

  private static final int WORD_BITS = 64;

  static Optional<DeviceSelection> of(Selection selection) {
    int n = selection.grid().keyBlocks();
    if (selection.selector() instanceof TopK topK) {
      int count = topK.kept(n);
      return Optional.of(new DeviceSelection(selection, false, count, 0, count));
    }
    if (selection.selector() instanceof IsolatedTopK isolated) {
      int m = selection.request().firstGenerationBlock();
      int count = isolated.kept(n);
      int generationCount = isolated.kept(n - m);
      int capacity = Math.min(m, count) + generationCount;
      return Optional.of(new DeviceSelection(selection, true, count, generationCount, capacity));
    }
    return Optional.empty();
  }

  /** Queues scoring and selection. Nothing waits for them, and the pattern stays on the device. */
  PreparedPattern run(
      DeviceQueue queue, AttentionCall<DeviceTensor> call, @Nullable DeviceTensor logSumExp) {
    BlockGrid grid = selection.grid();
    int wordsPerRow = (grid.keyBlocks() + WORD_BITS - 1) / WORD_BITS;
    try (ScorePass pass = new ScorePass(queue, call, selection.request(), logSumExp);
        Allocations made = new Allocations(queue)) {
      DeviceMemory rowStarts = made.allocate((long) grid.rows() * Long.BYTES);
      DeviceMemory rowCounts = made.allocate((long) grid.rows() * Integer.BYTES);
      DeviceMemory keyBlocks = made.allocate((long) grid.rows() * rowCapacity * Short.BYTES);
      DeviceMemory bits = made.allocate((long) grid.rows() * wordsPerRow * Long.BYTES);
      DeviceMemory notANumber = made.allocate(Integer.BYTES);
      queue.driver().clear(notANumber.address(), Integer.BYTES, queue.stream());
      Kernel kernel = Kernel.selectBlocks();
      pass.run(
          (firstRow, rows) -> {
            KernelArguments arguments =
                new KernelArguments()
                    .add(pass.scores())
                    .add(isolated ? pass.generationScores() : 0)
                    .add(rowStarts.address() + (long) firstRow * Long.BYTES)
                    .add(rowCounts.address() + (long) firstRow * Integer.BYTES)
                    .add(keyBlocks.address())
                    .add(bits.address() + (long) firstRow * wordsPerRow * Long.BYTES)
                    .add(notANumber.address())
                    .add((long) firstRow * rowCapacity)
                    .add(rows)
                    .add(grid.keyBlocks())
                    .add(selection.request().firstGenerationBlock())
                    .add(count)
                    .add(generationCount)
                    .add(rowCapacity)
                    .add(wordsPerRow * 2);
            queue.launch(kernel, call, kernel.blocks(rows), 1, 1, arguments);
          });
      SelectedPattern pattern =
          new SelectedPattern(queue, grid, rowStarts, rowCounts, keyBlocks, bits, notANumber);
      made.keep();
      return PreparedPattern.selected(grid, queue.kernels(), pattern, pattern::copy);
    }
  }
}
