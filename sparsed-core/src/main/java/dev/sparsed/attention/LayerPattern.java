package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;
import java.util.HashMap;
import java.util.Map;

/** The pattern of one layer and, prepared on first use, of the query ranges it is asked for. */
final class LayerPattern implements AutoCloseable {

  private final PreparedPattern whole;
  private final Map<Range, PreparedPattern> parts = new HashMap<>();

  LayerPattern(PreparedPattern whole) {
    this.whole = whole;
  }

  PreparedPattern whole() {
    return whole;
  }

  PreparedPattern queries(AttentionBackend<?> backend, int firstQuery, AttentionShape shape) {
    if (shape.queryLength() == shape.keyLength()) {
      return whole;
    }
    BlockGrid grid = whole.pattern().grid();
    int b = grid.blockSize();
    int end = firstQuery + shape.queryLength();
    checkArgument(
        firstQuery % b == 0 && (end % b == 0 || end == grid.queryLength()),
        "queries %s to %s do not cover whole blocks of %s tokens",
        firstQuery,
        end - 1,
        b);
    checkArgument(
        end <= grid.queryLength(),
        "queries %s to %s are outside of the pattern's %s tokens",
        firstQuery,
        end - 1,
        grid.queryLength());
    Range range = new Range(firstQuery / b, (end + b - 1) / b);
    return parts.computeIfAbsent(
        range, r -> backend.prepare(whole.pattern().queryBlocks(r.from(), r.to())));
  }

  @Override
  public void close() {
    parts.values().forEach(PreparedPattern::close);
    whole.close();
  }

  private record Range(int from, int to) {}
}
