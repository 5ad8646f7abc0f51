package dev.sparsed.models.decoding;

import java.util.BitSet;

/**
 * What a generation may be: a text of some form, such as one that a regular expression matches. It
 * is given to a request, whatever decodes; where there are several gaps it holds in each by itself.
 * A constraint is immutable and may serve several generations and threads at once; its {@code
 * toString} names it in messages.
 */
@FunctionalInterface
public interface TokenConstraint {

  /**
   * Called by the generating thread when a generation begins, once for each gap.
   *
   * @param sequence the sequence, to look at; it changes while it is decoded
   * @param gap where the text is to stand: all positions after a prompt, or one of the {@linkplain
   *     MaskedSequence#gaps gaps} of a canvas
   * @param vocabulary number of token ids, the mask's included
   * @return says what is allowed
   * @throws IllegalArgumentException if nothing of that length can be what is asked for; the
   *     message says why
   */
  Allowed begin(MaskedSequence sequence, Canvas.Gap gap, int vocabulary);

  /** What one gap may become. Used by the generating thread. */
  @FunctionalInterface
  interface Allowed {

    /**
     * The tokens that a masked position of the gap may get as the sequence stands, so that masked
     * positions besides can still get theirs. Called for every position that a step reads, and
     * again for each token that it writes, as the tokens that are written together must be allowed
     * together. An exception ends the generation.
     *
     * @param position position in the sequence, masked
     * @return token ids, at least one; not modified by the caller. The mask is none of them
     */
    BitSet tokens(int position);
  }
}
