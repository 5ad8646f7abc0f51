package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.models.internal.torch.HostArrays;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A sequence's constraint.
 *
 * @param constraint what the sequence may be
 * @param allowed what each of its gaps may become, in their order
 * @param sequence the sequence
 * @param vocabulary number of token ids
 */
record Constrained(
    TokenConstraint constraint,
    List<TokenConstraint.Allowed> allowed,
    MaskedSequence sequence,
    int vocabulary) {

  static Constrained of(TokenConstraint constraint, MaskedSequence sequence, int vocabulary) {
    List<TokenConstraint.Allowed> allowed = new ArrayList<>();
    for (Canvas.Gap gap : sequence.gaps()) {
      allowed.add(constraint.begin(sequence, gap, vocabulary));
    }
    return new Constrained(constraint, allowed, sequence, vocabulary);
  }

  /** Whether a masked position may get a token. */
  boolean allows(int position, int token) {
    return tokens(position).get(token);
  }

  /**
   * Takes the chances of tokens that are not allowed, in place.
   *
   * @param logits float32 [rows, vocabulary]
   * @param positions the position that each row decides
   */
  void apply(Tensor logits, int[] positions) {
    try (Device device = logits.device()) {
      for (int row = 0; row < positions.length; row++) {
        if (sequence.isMasked(positions[row])) {
          BitSet tokens = tokens(positions[row]);
          BitSet rest = new BitSet(vocabulary);
          rest.set(0, vocabulary);
          rest.andNot(tokens);
          long[] others = rest.stream().asLongStream().toArray();
          logits
              .select(0, row)
              .index_fill_(
                  0, HostArrays.toTensor(others, device), new Scalar(Double.NEGATIVE_INFINITY));
        }
      }
    }
  }

  /**
   * Requires that each position has a token left which the request does not forbid.
   *
   * @param most the largest logit of each row, after the rules and {@link #apply}
   * @param positions the position that each row decides
   * @throws IllegalStateException if one has none
   */
  void requireChoice(double[] most, int[] positions) {
    for (int row = 0; row < positions.length; row++) {
      checkState(
          most[row] != Double.NEGATIVE_INFINITY,
          "constraint %s, sequence %s: every token that it allows at position %s is one that must"
              + " not be written there: the mask, what the request forbids (forbid), or before its"
              + " minLength what ends a text",
          constraint,
          sequence.index(),
          positions[row]);
    }
  }

  private BitSet tokens(int position) {
    BitSet tokens = allowed.get(sequence.gapOf(position)).tokens(position);
    checkState(
        tokens != null && tokens.nextSetBit(0) >= 0 && tokens.length() <= vocabulary,
        "constraint %s, sequence %s: of the model's %s tokens none is allowed at position %s, or"
            + " others are",
        constraint,
        sequence.index(),
        vocabulary,
        position);
    return tokens;
  }
}
