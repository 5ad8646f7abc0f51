package dev.sparsed.models.internal.cache;

import dev.sparsed.attention.AttentionBackend;
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

/**
 * Attention that is causal over blocks of a sequence: a query reads the keys of its own block and
 * of all blocks before it. Queries of one block read a beginning of the keys; those of several are
 * given a pattern, some blocks at a time, so that no pattern grows with the square of the sequence.
 */
final class BlockCausalAttention implements AutoCloseable {

  /** Blocks of queries that share a call. */
  private static final int MOST_BLOCKS = 256;

  private final AttentionBackend<Tensor> backend;
  private final int blockLength;

  /** Of the pass at hand: all layers attend alike. */
  private final Map<Part, PreparedPattern> patterns = new HashMap<>();

  /** A call's sizes: block of the first query, number of queries and of keys. */
  private record Part(int heads, int firstBlock, int queries, int keys) {}

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
            int blocks = aligned ? MOST_BLOCKS : 1;
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
                    : ofBlocks(part, block, read));
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
    boolean all = count == read.positions().size();
    Tensor keys = all ? read.keys() : read.keys().narrow(2, 0, count).contiguous();
    Tensor values = all ? read.values() : read.values().narrow(2, 0, count).contiguous();
    return backend.dense(backend.call(query, keys, values));
  }

  private Tensor ofBlocks(Tensor query, int firstBlock, LayerStore read) {
    Part part =
        new Part((int) query.size(1), firstBlock, (int) query.size(2), read.positions().size());
    if (patterns.keySet().stream().anyMatch(other -> other.keys() != part.keys())) {
      close();
    }
    PreparedPattern pattern =
        patterns.computeIfAbsent(part, sizes -> PreparedPattern.of(pattern(sizes)));
    return backend.sparse(backend.call(query, read.keys(), read.values()), pattern);
  }

  private SparsePattern pattern(Part part) {
    BlockGrid grid = new BlockGrid(1, part.heads(), part.queries(), part.keys(), blockLength);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int head = 0; head < part.heads(); head++) {
      for (int block = 0; block < grid.queryBlocks(); block++) {
        int end = Math.min(grid.keyBlocks(), part.firstBlock() + block + 1);
        builder.setRange(grid.row(0, head, block), 0, end);
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
