package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionShape;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import java.util.Arrays;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Block scores strip by strip: one query block of the heads that share a key/value head, against
 * all keys, in float32. Memory is proportional to a query block's size times the sequence length.
 */
final class ScoreStrips {

  /** Scores held at a time, in elements, unless one head's strip alone is larger. */
  private static final long STRIP_ELEMENTS = 1 << 23;

  private static final float[] NONE = {};

  private final AttentionShape shape;
  private final ScoreRequest request;
  private final BlockGrid grid;

  ScoreStrips(AttentionShape shape, ScoreRequest request) {
    this.shape = shape;
    this.request = request;
    this.grid = shape.grid(request.blocks());
  }

  void compute(Tensor query, Tensor key, Consumer<BlockScoreRow> consumer) {
    int group = shape.heads() / shape.kvHeads();
    long strip =
        (long) Math.min(grid.blocks().queryTokens(), shape.queryLength()) * shape.keyLength();
    int together = (int) Math.max(1, Math.min(group, STRIP_ELEMENTS / strip));
    for (int item = 0; item < shape.batch(); item++) {
      for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
        int first = kvHead * group;
        try (Tensor keys = transposedKeys(key, item, kvHead)) {
          for (int head = first; head < first + group; head += together) {
            int heads = Math.min(together, first + group - head);
            for (int block = 0; block < grid.queryBlocks(); block++) {
              Strip part = new Strip(item, head, heads, block);
              Scoped.run(() -> compute(query, keys, part, consumer));
            }
          }
        }
      }
    }
  }

  /** Keys of one head as float32 [D, S]. */
  private static Tensor transposedKeys(Tensor key, int item, int kvHead) {
    return Scoped.result(
        () -> key.select(0, item).select(0, kvHead).to(ScalarType.Float).transpose(0, 1));
  }

  private void compute(Tensor query, Tensor keys, Strip strip, Consumer<BlockScoreRow> consumer) {
    int rows = grid.queryBlockLength(strip.queryBlock());
    Tensor queries =
        query
            .select(0, strip.item())
            .narrow(0, strip.head(), strip.heads())
            .narrow(1, grid.firstQuery(strip.queryBlock()), rows)
            .to(ScalarType.Float)
            .mul(new Scalar(request.scale()))
            .reshape((long) strip.heads() * rows, shape.headDimension());
    Tensor logits = torch.matmul(queries, keys).view(strip.heads(), rows, shape.keyLength());
    long border = grid.firstKey(request.firstGenerationBlock());
    float[] all = blockSums(logits);
    float[] generation =
        request.scoresGeneration()
            ? blockSums(logits.narrow(2, border, shape.keyLength() - border))
            : NONE;
    deliver(strip, all, generation, consumer);
  }

  /** Softmax over the last dimension, summed over every key block and all rows: [heads, blocks]. */
  private float[] blockSums(Tensor logits) {
    Tensor probabilities = torch.softmax(logits, -1);
    long b = grid.blocks().keyTokens();
    long length = probabilities.size(2);
    long whole = length / b * b;
    Tensor sums = probabilities.narrow(2, 0, whole).unflatten(2, whole / b, b).sum(3).sum(1);
    if (whole == length) {
      return HostArrays.toFloats(sums);
    }
    float[] full = HostArrays.toFloats(sums);
    float[] ragged =
        HostArrays.toFloats(probabilities.narrow(2, whole, length - whole).sum(2).sum(1));
    int heads = ragged.length;
    int n = full.length / heads;
    float[] result = new float[full.length + heads];
    for (int head = 0; head < heads; head++) {
      System.arraycopy(full, head * n, result, head * (n + 1), n);
      result[head * (n + 1) + n] = ragged[head];
    }
    return result;
  }

  private void deliver(
      Strip strip, float[] all, float[] generation, Consumer<BlockScoreRow> consumer) {
    int n = grid.keyBlocks();
    int m = request.firstGenerationBlock();
    int ofGeneration = generation.length == 0 ? 0 : n - m;
    for (int i = 0; i < strip.heads(); i++) {
      consumer.accept(
          new BlockScoreRow(
              grid,
              grid.row(strip.item(), strip.head() + i, strip.queryBlock()),
              m,
              Arrays.copyOfRange(all, i * n, (i + 1) * n),
              Arrays.copyOfRange(generation, i * ofGeneration, (i + 1) * ofGeneration)));
    }
  }

  private record Strip(int item, int head, int heads, int queryBlock) {}
}
