package dev.sparsed.reference;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.Arrays;

/**
 * Attention written down as it is defined, in plain Java: float32 tensors, sums in double. Memory
 * beyond inputs and outputs is one row of scores.
 */
public final class ReferenceBackend implements AttentionBackend<FloatTensor> {

  private static final float[] NONE = {};

  /** Makes the backend; it holds no state. */
  public ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public AttentionShape shape(FloatTensor query, FloatTensor key) {
    checkArgument(
        query.batch() == key.batch() && query.headDimension() == key.headDimension(),
        "batch and head size of queries %s and keys %s differ",
        query,
        key);
    return new AttentionShape(
        query.batch(),
        query.heads(),
        key.heads(),
        query.length(),
        key.length(),
        query.headDimension());
  }

  @Override
  public FloatTensor dense(FloatTensor query, FloatTensor key, FloatTensor value) {
    AttentionShape shape = shape(query, key);
    // One block that spans all tokens: full attention is the pattern with nothing left out.
    int whole = Math.max(shape.queryLength(), shape.keyLength());
    return attend(query, key, value, shape, SparsePattern.dense(shape.grid(whole)));
  }

  @Override
  public FloatTensor sparse(
      FloatTensor query, FloatTensor key, FloatTensor value, PreparedPattern pattern) {
    AttentionShape shape = shape(query, key);
    shape.checkFits(pattern.pattern().grid());
    return attend(query, key, value, shape, pattern.pattern());
  }

  private static FloatTensor attend(
      FloatTensor query,
      FloatTensor key,
      FloatTensor value,
      AttentionShape shape,
      SparsePattern pattern) {
    checkArgument(
        value.batch() == key.batch()
            && value.heads() == key.heads()
            && value.length() == key.length()
            && value.headDimension() == key.headDimension(),
        "keys %s and values %s differ in shape",
        key,
        value);
    FloatTensor output =
        FloatTensor.zeros(shape.batch(), shape.heads(), shape.queryLength(), shape.headDimension());
    double scale = 1 / Math.sqrt(shape.headDimension());
    BlockGrid grid = pattern.grid();
    double[] weights = new double[shape.keyLength()];
    double[] sums = new double[shape.headDimension()];
    for (int row = 0; row < grid.rows(); row++) {
      int queryBlock = row % grid.queryBlocks();
      int head = row / grid.queryBlocks() % grid.heads();
      int item = row / grid.queryBlocks() / grid.heads();
      int kvHead = head / (shape.heads() / shape.kvHeads());
      int[] keyBlocks = pattern.keyBlocks(row);
      for (int r = 0; r < grid.queryBlockLength(queryBlock); r++) {
        int token = queryBlock * grid.blockSize() + r;
        int q = query.offset(item, head, token);
        double max = Double.NEGATIVE_INFINITY;
        for (int block : keyBlocks) {
          int start = block * grid.blockSize();
          for (int c = start; c < start + grid.keyBlockLength(block); c++) {
            weights[c] = scale * dot(query, q, key, key.offset(item, kvHead, c));
            max = Math.max(max, weights[c]);
          }
        }
        double total = 0;
        Arrays.fill(sums, 0);
        for (int block : keyBlocks) {
          int start = block * grid.blockSize();
          for (int c = start; c < start + grid.keyBlockLength(block); c++) {
            double weight = Math.exp(weights[c] - max);
            total += weight;
            int v = value.offset(item, kvHead, c);
            for (int d = 0; d < sums.length; d++) {
              sums[d] += weight * value.data()[v + d];
            }
          }
        }
        int out = output.offset(item, head, token);
        for (int d = 0; d < sums.length; d++) {
          output.data()[out + d] = (float) (sums[d] / total);
        }
      }
    }
    return output;
  }

  @Override
  public void scores(
      FloatTensor query, FloatTensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    checkArgument(
        request.scope() != ScoreScope.NONE, "nothing to score: the request's scope is NONE");
    AttentionShape shape = shape(query, key);
    BlockGrid grid = shape.grid(request.blockSize());
    request.checkFits(grid);
    int n = grid.keyBlocks();
    int m = request.firstGenerationBlock();
    boolean generation = request.scope() == ScoreScope.ALL_AND_GENERATION_KEYS;
    double[] logits = new double[shape.keyLength()];
    for (int row = 0; row < grid.rows(); row++) {
      int queryBlock = row % grid.queryBlocks();
      int head = row / grid.queryBlocks() % grid.heads();
      int item = row / grid.queryBlocks() / grid.heads();
      int kvHead = head / (shape.heads() / shape.kvHeads());
      double[] all = new double[n];
      double[] tail = new double[generation ? n - m : 0];
      for (int r = 0; r < grid.queryBlockLength(queryBlock); r++) {
        int q = query.offset(item, head, queryBlock * grid.blockSize() + r);
        for (int c = 0; c < logits.length; c++) {
          logits[c] = request.scale() * dot(query, q, key, key.offset(item, kvHead, c));
        }
        addSoftmax(logits, 0, grid.blockSize(), all);
        if (generation) {
          addSoftmax(logits, m * grid.blockSize(), grid.blockSize(), tail);
        }
      }
      consumer.accept(
          new BlockScoreRow(grid, row, m, toFloats(all), generation ? toFloats(tail) : NONE));
    }
  }

  /** Adds, per block from token {@code from} on, the softmax over the tokens from there on. */
  private static void addSoftmax(double[] logits, int from, int blockSize, double[] sums) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = from; c < logits.length; c++) {
      max = Math.max(max, logits[c]);
    }
    double total = 0;
    for (int c = from; c < logits.length; c++) {
      total += Math.exp(logits[c] - max);
    }
    for (int c = from; c < logits.length; c++) {
      sums[(c - from) / blockSize] += Math.exp(logits[c] - max) / total;
    }
  }

  private static double dot(FloatTensor a, int atA, FloatTensor b, int atB) {
    double sum = 0;
    for (int d = 0; d < a.headDimension(); d++) {
      sum += (double) a.data()[atA + d] * b.data()[atB + d];
    }
    return sum;
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
