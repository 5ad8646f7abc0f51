package dev.sparsed.reference;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Attention written down as it is defined, in plain Java: float32 tensors, sums in double. Memory
 * beyond inputs and outputs is one row of scores.
 */
public final class ReferenceBackend implements AttentionBackend<FloatTensor> {

  /** Makes the backend; it holds no state. */
  public ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public TensorReader<FloatTensor> tensors() {
    return FloatTensor.READER;
  }

  @Override
  public FloatTensor dense(AttentionCall<FloatTensor> call) {
    return denseWithLogSumExp(call).output();
  }

  @Override
  public WithLogSumExp<FloatTensor> denseWithLogSumExp(AttentionCall<FloatTensor> call) {
    // One block that spans all tokens: full attention is the pattern with nothing left out.
    int whole = Math.max(call.shape().queryLength(), call.shape().keyLength());
    return attend(call, SparsePattern.dense(call.grid(whole)));
  }

  @Override
  public FloatTensor sparse(AttentionCall<FloatTensor> call, PreparedPattern pattern) {
    return sparseWithLogSumExp(call, pattern).output();
  }

  @Override
  public WithLogSumExp<FloatTensor> sparseWithLogSumExp(
      AttentionCall<FloatTensor> call, PreparedPattern pattern) {
    call.shape().checkFits(pattern.grid());
    return attend(call, pattern.pattern());
  }

  private static WithLogSumExp<FloatTensor> attend(
      AttentionCall<FloatTensor> call, SparsePattern pattern) {
    AttentionShape shape = call.shape();
    FloatTensor query = call.query();
    FloatTensor key = call.key();
    FloatTensor value = call.value();
    FloatTensor output =
        FloatTensor.zeros(shape.batch(), shape.heads(), shape.queryLength(), shape.headDimension());
    FloatTensor logSumExp = FloatTensor.zeros(shape.batch(), shape.heads(), shape.queryLength(), 1);
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
        int token = grid.firstQuery(queryBlock) + r;
        int q = query.offset(item, head, token);
        double max = Double.NEGATIVE_INFINITY;
        for (int block : keyBlocks) {
          int start = grid.firstKey(block);
          for (int c = start; c < start + grid.keyBlockLength(block); c++) {
            weights[c] = scale * dot(query, q, key, key.offset(item, kvHead, c));
            max = Math.max(max, weights[c]);
          }
        }
        double total = 0;
        Arrays.fill(sums, 0);
        for (int block : keyBlocks) {
          int start = grid.firstKey(block);
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
        logSumExp.data()[logSumExp.offset(item, head, token)] = (float) (max + Math.log(total));
      }
    }
    return new WithLogSumExp<>(output, logSumExp);
  }

  @Override
  public void scores(
      AttentionCall<FloatTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    AttentionShape shape = call.shape();
    FloatTensor query = call.query();
    FloatTensor key = call.key();
    BlockGrid grid = call.grid(request.blocks());
    request.checkScores(grid);
    int n = grid.keyBlocks();
    int m = request.firstGenerationBlock();
    double[] logits = new double[shape.keyLength()];
    for (int row = 0; row < grid.rows(); row++) {
      int queryBlock = row % grid.queryBlocks();
      int head = row / grid.queryBlocks() % grid.heads();
      int item = row / grid.queryBlocks() / grid.heads();
      int kvHead = head / (shape.heads() / shape.kvHeads());
      double[] all = new double[n];
      double[] generation = new double[request.scoresGeneration() ? n - m : 0];
      for (int r = 0; r < grid.queryBlockLength(queryBlock); r++) {
        int q = query.offset(item, head, grid.firstQuery(queryBlock) + r);
        for (int c = 0; c < logits.length; c++) {
          logits[c] = request.scale() * dot(query, q, key, key.offset(item, kvHead, c));
        }
        addSoftmax(logits, 0, grid.blocks().keyTokens(), all);
        if (request.scoresGeneration()) {
          addSoftmax(logits, grid.firstKey(m), grid.blocks().keyTokens(), generation);
        }
      }
      consumer.accept(new BlockScoreRow(grid, row, m, toFloats(all), toFloats(generation)));
    }
  }

  /** Adds, per block from token {@code from} on, the softmax over the tokens from there on. */
  private static void addSoftmax(double[] logits, int from, int keyTokens, double[] sums) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = from; c < logits.length; c++) {
      max = Math.max(max, logits[c]);
    }
    double total = 0;
    for (int c = from; c < logits.length; c++) {
      total += Math.exp(logits[c] - max);
    }
    for (int c = from; c < logits.length; c++) {
      sums[(c - from) / keyTokens] += Math.exp(logits[c] - max) / total;
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
