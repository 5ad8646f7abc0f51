package dev.sparsed.models.internal.cache;

import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.Scoped;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Sparse attention of a block that is causal over blocks: the block's queries choose among the keys
 * up to its end, or read what they have chosen. Queries of finished blocks that are fed with it
 * read everything before them, so that what is kept of them is exact.
 *
 * @param session has the layer's pattern
 * @param layer index of the layer
 * @param causal attends for finished blocks
 */
record PrefixRows(SparseAttention<Tensor> session, int layer, BlockCausalAttention causal) {

  /**
   * Attends.
   *
   * @param query queries [1, H, Q, D]
   * @param queries their positions, ending in the block
   * @param read keys and values from the sequence's start, those of the whole block among them
   * @return the output [1, H, Q, D], attached to the scope around the call
   */
  Tensor attend(Tensor query, Positions queries, LayerStore read) {
    int length = causal.blockLength();
    int start = queries.last() / length * length;
    int end = (int) Math.min(read.positions().last() + 1L, start + (long) length);
    return Scoped.result(
        () -> {
          Positions own = queries.within(start, end);
          int before = queries.size() - own.size();
          Tensor ofBlock =
              session.attend(
                  layer,
                  before == 0 ? query : query.narrow(2, before, own.size()).contiguous(),
                  keys(read.keys(), end),
                  keys(read.values(), end),
                  own.first());
          if (before == 0) {
            return ofBlock;
          }
          Tensor others =
              causal.attend(
                  query.narrow(2, 0, before).contiguous(), queries.within(0, start), read);
          return torch.cat(new TensorVector(others, ofBlock), 2);
        });
  }

  private static Tensor keys(Tensor all, int end) {
    return all.size(2) == end ? all : all.narrow(2, 0, end).contiguous();
  }
}
