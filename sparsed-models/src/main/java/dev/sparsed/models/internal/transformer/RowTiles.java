package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.torch.Scoped;
import org.bytedeco.pytorch.Tensor;

/**
 * Cuts work that LibTorch does in several passes over rows, such as a norm, into tiles: what one
 * pass leaves behind is still in the processor's caches when the next one reads it, and its memory
 * is used again by the next tile. Only for work that takes each row by itself.
 */
final class RowTiles {

  /** Elements of a tile: 512 KiB in float32, about what two cores hold nearby. */
  private static final long ELEMENTS = 1L << 17;

  private RowTiles() {}

  /**
   * Does the work on all rows.
   *
   * @param rows [..., rows, width], read
   * @param result of the same shape, written
   * @param work is given the first row of a tile, and its rows of both
   */
  static void each(Tensor rows, Tensor result, Tile work) {
    long dimension = rows.dim() - 2;
    long count = rows.size(dimension);
    long most = rows.is_cpu() ? Math.max(1, ELEMENTS * count / Math.max(1, rows.numel())) : count;
    for (long from = 0; from < count; from += most) {
      long first = from;
      long length = Math.min(most, count - from);
      Scoped.run(
          () ->
              work.compute(
                  first,
                  rows.narrow(dimension, first, length),
                  result.narrow(dimension, first, length)));
    }
  }

  /** Work on some rows. */
  interface Tile {
    void compute(long first, Tensor rows, Tensor result);
  }
}
