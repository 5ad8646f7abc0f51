package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.cache.EvictionListener;
import dev.sparsed.models.internal.cache.KeyValueCache;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockSelector;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A single forward pass whose logits somebody wants to look at. */
@SuppressWarnings("try") // A PointerScope works by being open.
record Inspection(Transformer transformer, AttentionBackend<Tensor> backend) {

  float[][] logits(int[] tokens, int[] rows, List<SparsePattern> patterns) {
    checkRows(rows, tokens.length);
    checkMemory(rows.length, transformer.architecture().embeddingRows());
    int layers = transformer.architecture().layers();
    checkArgument(
        patterns.isEmpty() || patterns.size() == layers,
        "%s layers need as many patterns or none but got %s",
        layers,
        patterns.size());
    checkArgument(
        patterns.isEmpty() || transformer.architecture().causalBlock().isEmpty(),
        "a model that attends block by block cannot be given patterns");
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session =
            new SparseAttention<>(backend, policy(patterns), layers, 1, 0);
        KeyValueCache cache = cache(session, tokens.length)) {
      session.beginStep(0);
      for (int layer = 0; layer < patterns.size(); layer++) {
        session.usePattern(layer, patterns.get(layer));
      }
      Tensor hidden =
          transformer.hiddenRows(
              tokens,
              Positions.range(0, tokens.length),
              cache.attention(
                  CachePlan.feedAll().keepingNothing(),
                  new DecodingStep(0, 0, 0, tokens.length, 0, true),
                  EvictionListener.NONE),
              rows,
              ForwardObserver.NONE);
      return logits(hidden, rows.length);
    }
  }

  /** Keeps nothing; knows what a model that attends block by block reads. */
  private KeyValueCache cache(SparseAttention<Tensor> session, int length) {
    Architecture model = transformer.architecture();
    return new KeyValueCache(
        CachePolicy.none(),
        backend,
        session,
        new CachedSequence(0, length, model.layers()),
        0,
        model.causalBlock());
  }

  private static AttentionPolicy policy(List<SparsePattern> patterns) {
    return patterns.isEmpty()
        ? AttentionPolicy.full()
        : new AttentionPolicy(
            SkipSchedule.always(AttentionPhase.SPARSE),
            BlockSelector.all(),
            patterns.get(0).grid().blocks(),
            ScoreScale.PUBLISHED);
  }

  /** Some rows at a time: the whole is as large as the caller's result already. */
  private float[][] logits(Tensor hidden, int rows) {
    int vocabulary = transformer.architecture().embeddingRows();
    int most = Predictions.LogitSource.rowsAtATime(vocabulary);
    float[][] result = new float[rows][];
    for (int from = 0; from < rows; from += most) {
      int count = Math.min(most, rows - from);
      try (PointerScope scope = new PointerScope()) {
        float[] part = HostArrays.toFloats(transformer.logits(hidden.narrow(0, from, count)));
        for (int row = 0; row < count; row++) {
          result[from + row] = Arrays.copyOfRange(part, row * vocabulary, (row + 1) * vocabulary);
        }
      }
    }
    return result;
  }

  private static void checkMemory(int rows, int vocabulary) {
    long bytes = (long) rows * vocabulary * Float.BYTES;
    long most = Runtime.getRuntime().maxMemory();
    checkArgument(
        bytes <= most,
        "the logits of %s rows are %s bytes, but the Java heap holds %s; ask for fewer rows at a"
            + " time or give the JVM more memory with -Xmx",
        rows,
        bytes,
        most);
  }

  private static void checkRows(int[] rows, int length) {
    for (int i = 0; i < rows.length; i++) {
      checkArgument(
          rows[i] >= (i == 0 ? 0 : rows[i - 1]) && rows[i] < length,
          "rows must be ascending from 0 and below %s but row %s comes at index %s",
          length,
          rows[i],
          i);
    }
  }
}
