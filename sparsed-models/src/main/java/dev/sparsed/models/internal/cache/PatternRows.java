package dev.sparsed.models.internal.cache;

import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.decoding.Positions;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Sparse attention of any queries of a sequence over the keys of all its tokens. The session takes
 * queries that begin at a block's border, or any that share one block's row of the pattern; these
 * need not be neighbours.
 *
 * @param session attends
 * @param layer index of the layer
 * @param whole keys and values of all tokens
 */
record PatternRows(SparseAttention<Tensor> session, int layer, LayerStore whole) {

  /** Attends. The queries [1, H, Q, D] have these positions. */
  Tensor attend(Tensor query, Positions positions) {
    List<Tensor> parts = new ArrayList<>();
    int blockSize = session.policy(layer).blocks().queryTokens();
    for (int from = 0; from < positions.size(); ) {
      int to = end(positions, from, blockSize);
      Tensor part =
          from == 0 && to == positions.size()
              ? query
              : query.narrow(2, from, (long) to - from).contiguous();
      int first = positions.at(from) / blockSize * blockSize;
      parts.add(session.attend(layer, part, whole.keys(), whole.values(), first));
      from = to;
    }
    return parts.size() == 1
        ? parts.get(0)
        : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 2);
  }

  /** The end of the longest group of queries from an index on that can be attended at once. */
  private static int end(Positions positions, int from, int blockSize) {
    int first = positions.at(from);
    int to = from + 1;
    if (first % blockSize == 0) {
      while (to < positions.size() && positions.at(to) == first + to - from) {
        to++;
      }
    } else {
      while (to < positions.size() && positions.at(to) / blockSize == first / blockSize) {
        to++;
      }
    }
    return to;
  }
}
