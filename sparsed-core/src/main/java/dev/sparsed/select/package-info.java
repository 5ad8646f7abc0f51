/**
 * How block scores become a pattern: what scores a selector asks for, the rows it is given, and the
 * selectors that come along. A selector of one's own is one method:
 *
 * <pre>{@code
 * final class BestBlock implements BlockSelector {
 *   @Override
 *   public ScoreScope scope() {
 *     return ScoreScope.ALL_KEYS;
 *   }
 *
 *   @Override
 *   public void selectRow(BlockScoreRow row, BitSet selected) {
 *     int best = 0;
 *     for (int j = 1; j < row.allKeys().length; j++) {
 *       best = row.allKeys()[j] > row.allKeys()[best] ? j : best;
 *     }
 *     selected.set(best);
 *   }
 * }
 * }</pre>
 *
 * <p>A backend computes scores row by row and hands each row to a {@link
 * dev.sparsed.select.BlockSelector}; scores of a whole layer never need to be held at once.
 */
@NullMarked
package dev.sparsed.select;

import org.jspecify.annotations.NullMarked;
