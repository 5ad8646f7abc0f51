package dev.sparsed.models.internal.transformer;

import com.google.common.math.IntMath;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Rows that go through the layers together, for their intermediate results to stay small: of one
 * feed, or of several whose rows lie one below the other.
 *
 * @param from first row among all, inclusive
 * @param to last row among all, exclusive
 * @param pieces whose they are, in order
 */
record RowChunk(int from, int to, List<Piece> pieces) {

  /**
   * Rows of one feed. A feed is cut into the same pieces whatever others there are.
   *
   * @param run the feed
   * @param range which of its rows
   * @param at index of the first of them in the chunk
   */
  record Piece(FeedRun run, TokenRange range, int at) {}

  /** The pieces as rows of the chunk. */
  List<TokenRange> ranges() {
    return pieces.stream()
        .map(piece -> new TokenRange(piece.at(), piece.at() + piece.range().length()))
        .toList();
  }

  int length() {
    return to - from;
  }

  /**
   * Cuts rows into chunks.
   *
   * @param runs the feeds
   * @param rows how many rows a feed has
   * @param most rows of a chunk
   */
  static List<RowChunk> of(List<FeedRun> runs, ToIntFunction<FeedRun> rows, int most) {
    List<RowChunk> chunks = new ArrayList<>();
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    int length = 0;
    for (FeedRun run : runs) {
      for (TokenRange range : even(rows.applyAsInt(run), most)) {
        if (length + range.length() > most && length > 0) {
          chunks.add(new RowChunk(from, from + length, List.copyOf(pieces)));
          from += length;
          length = 0;
          pieces.clear();
        }
        pieces.add(new Piece(run, range, length));
        length += range.length();
      }
    }
    if (length > 0) {
      chunks.add(new RowChunk(from, from + length, List.copyOf(pieces)));
    }
    return chunks;
  }

  /** Rows 0 to length in even ranges, none of them too large. */
  private static List<TokenRange> even(int length, int most) {
    int count = IntMath.divide(length, most, RoundingMode.CEILING);
    List<TokenRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ranges.add(
          new TokenRange(
              (int) ((long) length * i / count), (int) ((long) length * (i + 1) / count)));
    }
    return ranges;
  }
}
