package dev.sparsed.attention;

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
    return parts.computeIfAbsent(
        new Range(firstQuery, firstQuery + shape.queryLength()),
        range -> backend.prepare(whole.pattern().queries(range.from(), range.to())));
  }

  @Override
  public void close() {
    parts.values().forEach(PreparedPattern::close);
    whole.close();
  }

  private record Range(int from, int to) {}
}
