package dev.sparsed.models.torch;

import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionBackend.WithLogSumExp;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.LogSumExps;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Block-sparse attention by gathering: rows of the pattern that read equally many tokens are taken
 * together, their key and value blocks copied side by side, and attended to by LibTorch's fused
 * full attention.
 */
final class BlockGather {

  /**
   * Elements of keys copied at a time: in float32 16 MiB, below the size from which the C library
   * takes every allocation from fresh, zeroed pages.
   */
  private static final long GATHER_ELEMENTS = 1 << 22;

  private final AttentionShape shape;
  private final SparsePattern pattern;
  private final BlockGrid grid;

  /** Tokens that a query or key block takes here: a block alone is no longer than its sequence. */
  private final int queryStride;

  private final int keyStride;

  BlockGather(AttentionShape shape, SparsePattern pattern) {
    this.shape = shape;
    this.pattern = pattern;
    this.grid = pattern.grid();
    this.queryStride = Math.min(grid.blocks().queryTokens(), grid.queryLength());
    this.keyStride = Math.min(grid.blocks().keyTokens(), grid.keyLength());
  }

  Tensor attend(Tensor query, Tensor key, Tensor value) {
    return attend(query, key, value, null);
  }

  WithLogSumExp<Tensor> attendWithLogSumExp(Tensor query, Tensor key, Tensor value) {
    Tensor rows = LogSumExps.empty(query, grid.rows(), queryStride);
    Tensor output = attend(query, key, value, rows);
    Tensor logSumExp =
        rows.view(shape.batch(), shape.heads(), (long) grid.queryBlocks() * queryStride, 1)
            .narrow(2, 0, shape.queryLength())
            .contiguous();
    return new WithLogSumExp<>(output, logSumExp);
  }

  private Tensor attend(Tensor query, Tensor key, Tensor value, @Nullable Tensor logSumExp) {
    long d = shape.headDimension();
    Tensor queryBlocks =
        blocks(query, grid.queryBlocks(), queryStride).view(grid.rows(), queryStride, d);
    Tensor keyBlocks = blocks(key, grid.keyBlocks(), keyStride).view(-1, keyStride * d);
    Tensor valueBlocks = blocks(value, grid.keyBlocks(), keyStride).view(-1, keyStride * d);
    Tensor output = torch.empty_like(queryBlocks);
    for (Bucket bucket : buckets()) {
      Scoped.run(() -> attend(bucket, queryBlocks, keyBlocks, valueBlocks, output, logSumExp));
    }
    return output
        .view(shape.batch(), shape.heads(), (long) grid.queryBlocks() * queryStride, d)
        .narrow(2, 0, shape.queryLength());
  }

  private void attend(
      Bucket bucket,
      Tensor queryBlocks,
      Tensor keyBlocks,
      Tensor valueBlocks,
      Tensor output,
      @Nullable Tensor logSumExp) {
    long d = shape.headDimension();
    long rows = bucket.rows.length;
    long blocks = bucket.keyBlocks.length / rows;
    try (Device device = queryBlocks.device()) {
      Tensor rowIndex = HostArrays.toTensor(bucket.rows, device);
      Tensor blockIndex = HostArrays.toTensor(bucket.keyBlocks, device);
      Tensor q = queryBlocks.index_select(0, rowIndex).view(rows, 1, queryStride, d);
      Tensor k = keyBlocks.index_select(0, blockIndex).view(rows, 1, blocks * keyStride, d);
      Tensor v = valueBlocks.index_select(0, blockIndex).view(rows, 1, blocks * keyStride, d);
      Tensor attended =
          TorchBackend.scaledDotProduct(
              q, k.narrow(2, 0, bucket.tokens), v.narrow(2, 0, bucket.tokens));
      Tensor target = rowIndex.to(torch.ScalarType.Long);
      output.index_copy_(0, target, attended.reshape(rows, queryStride, d));
      if (logSumExp != null) {
        Tensor sums = LogSumExps.of(q, k.narrow(2, 0, bucket.tokens));
        logSumExp.index_copy_(0, target, sums.reshape(rows, queryStride));
      }
    }
  }

  /** [B, heads, length, D] as whole blocks, the last one filled up with zeros. */
  private static Tensor blocks(Tensor tensor, int count, int stride) {
    long missing = (long) count * stride - tensor.size(2);
    return missing == 0
        ? tensor.contiguous()
        : torch.constant_pad_nd(tensor, 0, 0, 0, missing).contiguous();
  }

  /**
   * Rows that read the same number of tokens, cut into pieces of bounded size. The last key block
   * is the last of its row, so that its missing tokens lie at the end.
   */
  private List<Bucket> buckets() {
    TreeMap<Integer, List<Integer>> rowsByTokens = new TreeMap<>();
    int last = grid.keyBlocks() - 1;
    int missing = keyStride - grid.keyBlockLength(last);
    for (int row = 0; row < grid.rows(); row++) {
      int tokens = pattern.count(row) * keyStride - (pattern.contains(row, last) ? missing : 0);
      rowsByTokens.computeIfAbsent(tokens, t -> new ArrayList<>()).add(row);
    }
    List<Bucket> buckets = new ArrayList<>();
    rowsByTokens.forEach(
        (tokens, rows) -> {
          long perRow = (long) tokens * shape.headDimension();
          int most = (int) Math.max(1, Math.min(rows.size(), GATHER_ELEMENTS / perRow));
          for (int from = 0; from < rows.size(); from += most) {
            int[] part = Ints.toArray(rows.subList(from, Math.min(rows.size(), from + most)));
            buckets.add(new Bucket(tokens, part, keyBlocks(part)));
          }
        });
    return buckets;
  }

  /** Numbers of the rows' key blocks among those of all (batch item, key/value head). */
  private int[] keyBlocks(int[] rows) {
    int perRow = pattern.count(rows[0]);
    int group = shape.heads() / shape.kvHeads();
    int[] result = new int[rows.length * perRow];
    for (int i = 0; i < rows.length; i++) {
      // A row's head counts over the batch too, and batch items have whole groups.
      int kvHead = rows[i] / grid.queryBlocks() / group;
      int[] blocks = pattern.keyBlocks(rows[i]);
      for (int j = 0; j < perRow; j++) {
        result[i * perRow + j] = kvHead * grid.keyBlocks() + blocks[j];
      }
    }
    return result;
  }

  /** Rows that read equally many tokens, and their key blocks, equally many per row. */
  private static final class Bucket {

    final int tokens;
    final int[] rows;
    final int[] keyBlocks;

    Bucket(int tokens, int[] rows, int[] keyBlocks) {
      this.tokens = tokens;
      this.rows = rows;
      this.keyBlocks = keyBlocks;
    }
  }
}
