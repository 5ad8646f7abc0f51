package dev.sparsed.models.decoding;

import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Logits for tests. */
public final class DecodingProbe {

  private DecodingProbe() {}

  /** Logits out of Java memory: row r of the source is row {@code rows[r]} of the values. */
  public static LogitSource source(float[] values, int offset, int vocabulary, int[] rows) {
    return new LogitSource() {
      @Override
      public int rows() {
        return rows.length;
      }

      @Override
      public int vocabulary() {
        return vocabulary;
      }

      @Override
      public Tensor logits(int from, int to) {
        float[] chunk = new float[(to - from) * vocabulary];
        IntStream.range(from, to)
            .forEach(
                r ->
                    System.arraycopy(
                        values,
                        offset + rows[r] * vocabulary,
                        chunk,
                        (r - from) * vocabulary,
                        vocabulary));
        return Tensor.create(chunk, to - from, vocabulary);
      }
    };
  }
}
