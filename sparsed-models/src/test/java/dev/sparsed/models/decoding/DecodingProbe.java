package dev.sparsed.models.decoding;

import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Logits for tests. */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class DecodingProbe {

  private DecodingProbe() {}

  /** A sequence of which every token of a vocabulary may be written. */
  public static DecodingContext context(
      DecodingPolicy policy, MaskedSequence sequence, int steps, int vocabulary) {
    return new DecodingContext(
        policy,
        sequence,
        DecodingContext.TokenRules.NONE,
        steps,
        new Noise(0, 0),
        vocabulary,
        Optional.empty());
  }

  /** Commits as a generation does. */
  public static void commit(
      Decoder decoder,
      DecodingContext context,
      DecodingStep step,
      Positions read,
      Predictions.LogitSource source) {
    try (PointerScope scope = new PointerScope()) {
      context.editor().open(step, read, read);
      decoder.commit(step, new Predictions(source, context, step, read));
    }
  }

  /** Logits out of Java memory: row r of the source is row {@code rows[r]} of the values. */
  public static Predictions.LogitSource source(
      float[] values, int offset, int vocabulary, int[] rows) {
    return new Predictions.LogitSource() {
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
