/**
 * Block-sparse attention patterns: the grid of blocks, the immutable set of computed blocks on it,
 * its serial form and its picture.
 *
 * <p>Nothing here knows how a pattern came to be ({@code dev.sparsed.select}) or what is computed
 * with it ({@code dev.sparsed.attention}).
 *
 * <pre>{@code
 * // One sequence, 28 heads, 8192 tokens in blocks of 128.
 * BlockGrid grid = BlockGrid.square(1, 28, 8192, 128);
 * SparsePatternBuilder builder = SparsePattern.builder(grid);
 * for (int row = 0; row < grid.rows(); row++) {
 *   builder.set(row, 0).set(row, row % grid.queryBlocks()); // first block and own block
 * }
 * SparsePattern pattern = builder.build();
 * pattern.density(); // about 0.03
 * System.out.println(PatternPicture.of(pattern).generating(256).text(0, 80));
 * PatternFile.save(Path.of("patterns.spd"), Map.of(0, pattern));
 * }</pre>
 */
@NullMarked
package dev.sparsed.pattern;

import org.jspecify.annotations.NullMarked;
