package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockScoreMap;
import java.util.BitSet;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Chooses as another selector does and keeps the scores that it was given, to be looked at. They
 * are taken layer by layer, where a model says that a layer has its pattern. For exploration: a
 * recorder belongs to one generation, keeps a number per block, and backends cannot select on the
 * device with it.
 *
 * <pre>{@code
 * ScoreRecorder recorder = new ScoreRecorder(new IsolatedTopK(0.3));
 * ... // attend with the recorder as the selector; after a layer has selected:
 * new ScorePicture(recorder.take(), "layer 0", 0).sheet(200).save(file);
 * }</pre>
 */
public final class ScoreRecorder implements BlockSelector {

  private final BlockSelector selector;
  private @Nullable BlockGrid grid;
  private float[] scores = {};

  /**
   * Records for a selector.
   *
   * @param selector chooses the blocks
   */
  public ScoreRecorder(BlockSelector selector) {
    this.selector = selector;
  }

  /**
   * The scores of the rows since the last call, under a softmax over all keys.
   *
   * @return the scores of one layer; 0 for rows that were not scored
   * @throws IllegalStateException if there were none
   */
  public synchronized BlockScoreMap take() {
    BlockGrid scored = grid;
    checkState(scored != null, "no layer has selected since the scores were last taken");
    grid = null;
    return BlockScoreMap.of(scored, scores);
  }

  /** The selector's scope, and at least the scores under a softmax over all keys. */
  @Override
  public ScoreScope scope() {
    ScoreScope own = selector.scope();
    return own == ScoreScope.NONE ? ScoreScope.ALL_KEYS : own;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    keep(row);
    selector.selectRow(row, selected);
  }

  @Override
  public void selectRow(SelectionContext context, BlockScoreRow row, BitSet selected) {
    keep(row);
    selector.selectRow(context, row, selected);
  }

  private synchronized void keep(BlockScoreRow row) {
    int n = row.grid().keyBlocks();
    if (!row.grid().equals(grid)) {
      grid = row.grid();
      scores = new float[Math.multiplyExact(row.grid().rows(), n)];
    }
    System.arraycopy(row.allKeys(), 0, scores, row.row() * n, n);
  }

  /** What it records, so that messages and figures name the selector. */
  @Override
  public String toString() {
    return "recorded " + selector;
  }

  @Override
  public OptionalDouble expectedDensity(BlockGrid layer, int firstGenerationBlock) {
    return selector.expectedDensity(layer, firstGenerationBlock);
  }
}
