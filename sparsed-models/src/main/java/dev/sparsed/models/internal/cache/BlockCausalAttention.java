package dev.sparsed.models.internal.cache;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackend.WithLogSumExp;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.internal.Closing;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention that is causal over blocks of a sequence: a query reads the keys of its own block and
 * of all blocks before it. Queries of one block read a beginning of the keys; those of several are
 * computed some blocks at a time, so that no pattern grows with the sequence.
 */
final class BlockCausalAttention implements AutoCloseable {

  /**
   * Tokens of several blocks that share their calls. What stands before them is read as a whole,
   * which is fastest; within them, blocks of few tokens are read one by one.
   */
  private static final int SHARING_TOKENS = 256;

  private final AttentionBackend<Tensor> backend;
  private final int blockLength;

  /** Of tokens among themselves; all layers attend alike. */
  private final Map<Part, PreparedPattern> patterns = new HashMap<>();

  /** A pattern's sizes; the keys are those of the queries' blocks, so that there may be more. */
  private record Part(int heads, int queries, int keys) {}

  BlockCausalAttention(AttentionBackend<Tensor> backend, int blockLength) {
    this.backend = backend;
    this.blockLength = blockLength;
  }

  int blockLength() {
    return blockLength;
  }

  /**
   * Attends.
   *
   * @param query queries [1, H, Q, D]
   * @param queries their positions
   * @param read keys and values that are there
   * @return the output [1, H, Q, D], attached to the scope around the call
   */
  Tensor attend(Tensor query, Positions queries, LayerStore read) {
    return Scoped.result(
        () -> {
          List<Tensor> parts = new ArrayList<>();
          boolean aligned =
              queries.isRange()
                  && queries.first() % blockLength == 0
                  && read.positions().isRange()
                  && read.positions().first() == 0;
          for (int from = 0; from < queries.size(); ) {
            int block = queries.at(from) / blockLength;
            int blocks = aligned ? Math.max(1, SHARING_TOKENS / blockLength) : 1;
            long end = Math.min(Integer.MAX_VALUE, (block + (long) blocks) * blockLength);
            int to = from + queries.within(queries.at(from), (int) end).size();
            Tensor part =
                to - from == queries.size()
                    ? query
                    : query.narrow(2, from, (long) to - from).contiguous();
            boolean ofOne = queries.at(to - 1) / blockLength == block;
            parts.add(
                ofOne
                    ? ofBlock(part, (block + 1) * blockLength, read)
                    : ofBlocks(part, queries.at(from), (int) end, read));
            from = to;
          }
          return parts.size() == 1
              ? parts.get(0)
              : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 2);
        });
  }

  /** Queries of one block, which read everything before its end. */
  private Tensor ofBlock(Tensor query, int end, LayerStore read) {
    int count = read.positions().within(0, end).size();
    return backend.dense(call(query, read, 0, count));
  }

  /**
   * Queries of several blocks, which all read what stands before the first of them, and of these
   * blocks, which end before a position, what a pattern says. The two are put together by their
   * log-sum-exps. The last queries may end within a block whose other keys are there.
   */
  private Tensor ofBlocks(Tensor query, int first, int end, LayerStore read) {
    int queries = (int) query.size(2);
    int lastBlock = (first + queries - 1) / blockLength;
    int blocksEnd = (int) Math.min(end, (lastBlock + 1L) * blockLength);
    int count = read.positions().within(first, blocksEnd).size();
    PreparedPattern pattern =
        patterns.computeIfAbsent(
            new Part((int) query.size(1), queries, count),
            part -> PreparedPattern.of(pattern(part)));
    AttentionCall<Tensor> own = call(query, read, first, count);
    if (first == 0) {
      return backend.sparse(own, pattern);
    }
    return merged(
        backend.denseWithLogSumExp(call(query, read, 0, first)),
        backend.sparseWithLogSumExp(own, pattern));
  }

  /** Queries with the keys and values from an index on. */
  private AttentionCall<Tensor> call(Tensor query, LayerStore read, int from, int count) {
    boolean all = count == read.positions().size();
    return backend.call(
        query,
        all ? read.keys() : read.keys().narrow(2, from, count),
        all ? read.values() : read.values().narrow(2, from, count));
  }

  private static Tensor merged(WithLogSumExp<Tensor> one, WithLogSumExp<Tensor> other) {
    Tensor most = torch.maximum(one.logSumExp(), other.logSumExp());
    Tensor ofOne = one.logSumExp().sub(most).exp_();
    Tensor ofOther = other.logSumExp().sub(most).exp_();
    Tensor sum = ofOne.add(ofOther);
    return one.output()
        .to(ScalarType.Float)
        .mul(ofOne)
        .add_(other.output().to(ScalarType.Float).mul(ofOther))
        .div_(sum)
        .to(one.output().scalar_type());
  }

  private SparsePattern pattern(Part part) {
    BlockGrid grid = new BlockGrid(1, part.heads(), part.queries(), part.keys(), blockLength);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int head = 0; head < part.heads(); head++) {
      for (int block = 0; block < grid.queryBlocks(); block++) {
        builder.setRange(grid.row(0, head, block), 0, block + 1);
      }
    }
    return builder.build();
  }

  /** Releases the patterns; others may be made. */
  @Override
  public void close() {
    List<PreparedPattern> all = List.copyOf(patterns.values());
    patterns.clear();
    Closing.all(all);
  }
}
