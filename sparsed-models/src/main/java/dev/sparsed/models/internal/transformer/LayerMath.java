package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What a layer computes row by row. Products, norms and sums take all rows of a chunk at once: no
 * result depends on other rows, as far as the products keep to that.
 *
 * @param model what is computed
 * @param rows what computes norms
 */
record LayerMath(Architecture model, RowMath rows) {

  /** Projects a chunk of rows to queries, keys and values and rotates them into place. */
  void project(int index, TransformerWeights.Layer layer, Tensor hidden, RowChunk chunk) {
    Tensor normed =
        norm(layer.attentionNorm()).apply(hidden.narrow(0, chunk.from(), chunk.length()));
    Tensor k = layer.key().apply(normed);
    Tensor v = layer.value().apply(normed);
    Tensor q = layer.query().apply(asked(normed, chunk));
    long atQuery = 0;
    for (RowChunk.Piece piece : chunk.pieces()) {
      TokenRange asked = asked(piece);
      Tensor pieceQ = q.narrow(0, atQuery, asked.length());
      Tensor pieceK = k.narrow(0, piece.at(), piece.range().length());
      Tensor pieceV = v.narrow(0, piece.at(), piece.range().length());
      atQuery += asked.length();
      piece.run().projected(index, pieceQ, pieceK, pieceV);
      WorkClock.run(Work.ROTARY, () -> place(layer, piece, asked, pieceQ, pieceK, pieceV));
    }
  }

  private void place(
      TransformerWeights.Layer layer,
      RowChunk.Piece piece,
      TokenRange asked,
      Tensor q,
      Tensor k,
      Tensor v) {
    FeedRun run = piece.run();
    TokenRange range = piece.range();
    RotaryTable rotary = run.rotary();
    rotary.rotate(normed(heads(k), layer.keyNorm()), range.from(), run.key(range));
    run.value(range).copy_(heads(v));
    if (asked.length() > 0) {
      rotary.rotate(normed(heads(q), layer.queryNorm()), asked.from(), run.query(asked));
    }
  }

  /** The rows of a chunk whose queries are asked for. */
  private static Tensor asked(Tensor rows, RowChunk chunk) {
    List<Tensor> parts = new ArrayList<>();
    boolean all = true;
    for (RowChunk.Piece piece : chunk.pieces()) {
      TokenRange asked = asked(piece);
      all &= asked.length() == piece.range().length();
      long from = (long) piece.at() + asked.from() - piece.range().from();
      parts.add(rows.narrow(0, from, asked.length()));
    }
    return all ? rows : joined(parts);
  }

  private static TokenRange asked(RowChunk.Piece piece) {
    TokenRange range = piece.range();
    TokenRange queries = piece.run().queries();
    int from = Math.max(range.from(), queries.from());
    int to = Math.min(range.to(), queries.to());
    return from < to ? new TokenRange(from, to) : new TokenRange(range.from(), range.from());
  }

  /**
   * Output projection and feed-forward part of a chunk, added to its rows in place.
   *
   * @param layer the layer
   * @param chunk the chunk
   * @param rows its rows [tokens, hidden]
   * @param heads attention's output of each of its pieces [H, tokens, D]; null where there is none
   */
  void finish(
      TransformerWeights.Layer layer, RowChunk chunk, Tensor rows, List<@Nullable Tensor> heads) {
    Tensor output = layer.output().apply(mixed(chunk, rows, heads));
    Tensor normed = norm(layer.feedForwardNorm()).addAndApply(rows, output);
    rows.add_(layer.feedForward().apply(normed, chunk.ranges()));
  }

  private Tensor mixed(RowChunk chunk, Tensor rows, List<@Nullable Tensor> heads) {
    long width = (long) model.heads() * model.headDimension();
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Tensor ofPiece = heads.get(i);
      long length = chunk.pieces().get(i).range().length();
      parts.add(
          ofPiece == null
              ? torch.zeros(new long[] {length, width}, rows.options())
              : ofPiece.transpose(0, 1).reshape(length, width));
    }
    return joined(parts);
  }

  /** Parts [n, width] one below the other. */
  static Tensor joined(List<Tensor> parts) {
    return parts.size() == 1
        ? parts.get(0)
        : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  RmsNorm norm(Tensor weight) {
    return new RmsNorm(weight, model.normEpsilon(), rows);
  }

  /** Heads [heads, tokens, D] with each of them normed, where there is a norm [D]. */
  private Tensor normed(Tensor heads, @Nullable Tensor weight) {
    return weight == null ? heads : norm(weight).apply(heads);
  }

  /** [tokens, heads * D] as [heads, tokens, D], without a copy. */
  private Tensor heads(Tensor rows) {
    return rows.view(rows.size(0), -1, model.headDimension()).transpose(0, 1);
  }
}
