package dev.sparsed.models.internal.transformer;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention over the whole sequence, full or sparse as its session's step says.
 *
 * @param session the session of the sequence's generation, in the step of the forward pass
 */
public record SessionAttention(SparseAttention<Tensor> session) implements LayerAttention {

  /** In a selecting phase all queries score blocks; in a sparse one ranges end at block borders. */
  @Override
  public TokenRange lastLayerQueries(TokenRange read, int length) {
    int last = session.layers() - 1;
    AttentionPhase phase = session.phase(last);
    if (phase.selects()) {
      return new TokenRange(0, length);
    }
    if (phase == AttentionPhase.FULL || read.length() == 0) {
      return read;
    }
    int block = session.policy(last).blocks().queryTokens();
    int from = read.from() / block * block;
    long to = ((long) read.to() + block - 1) / block * block;
    return new TokenRange(from, (int) Math.min(length, to));
  }

  /** A selector chooses in a phase that selects, and where a sparse one finds no pattern. */
  @Override
  public boolean callsUsers(int layer) {
    AttentionPhase phase = session.phase(layer);
    return phase.selects() || (phase.isSparse() && !session.hasPattern(layer));
  }

  @Override
  public Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery) {
    return session.attend(layer, query, key, value, firstQuery);
  }
}
