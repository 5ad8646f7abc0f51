package dev.sparsed.models.decoding;

import org.bytedeco.pytorch.Tensor;

/** Logits of the positions that a decoder reads in one step, computed a few rows at a time. */
public interface LogitSource {

  /**
   * How many rows' logits to hold at a time: 64 MiB of float32, about a hundred positions of a
   * large vocabulary, enough to read the head's weights efficiently.
   *
   * @param vocabulary the length of a row, at least 1
   * @return at least 1
   */
  static int rowsAtATime(int vocabulary) {
    return Math.max(1, (1 << 24) / vocabulary);
  }

  /**
   * Number of positions.
   *
   * @return the rows there are
   */
  int rows();

  /**
   * Number of logits per position.
   *
   * @return the length of a row
   */
  int vocabulary();

  /**
   * Logits of some of the positions.
   *
   * @param from first row, inclusive
   * @param to last row, exclusive
   * @return float32 logits [to - from, vocabulary], attached to the scope around the call
   */
  Tensor logits(int from, int to);
}
