package dev.sparsed.models.internal.transformer;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.Positions;

/** What one sequence feeds a forward pass. */
public final class Feed {

  private final int[] tokens;
  private final Positions positions;
  private final LayerAttention attention;
  private final int[] read;
  private final ForwardObserver observer;

  /**
   * What is fed. The arrays are not copied, and not to be changed until the pass ends.
   *
   * @param tokens ids of the fed tokens, at least one
   * @param positions their positions in the sequence, as many as there are tokens
   * @param attention how the layers attend
   * @param read indices of the fed tokens whose rows are read, ascending; may be empty
   * @param observer watches the pass; called by the thread that runs it
   * @throws IllegalArgumentException if there is no token, or not a position for each
   */
  public Feed(
      int[] tokens,
      Positions positions,
      LayerAttention attention,
      int[] read,
      ForwardObserver observer) {
    checkArgument(tokens.length > 0, "a forward pass needs at least one token");
    checkArgument(
        tokens.length == positions.size(),
        "%s tokens are fed at %s positions",
        tokens.length,
        positions.size());
    this.tokens = tokens;
    this.positions = positions;
    this.attention = attention;
    this.read = read;
    this.observer = observer;
  }

  /**
   * Number of tokens.
   *
   * @return the count, at least 1
   */
  public int length() {
    return tokens.length;
  }

  int[] tokens() {
    return tokens;
  }

  Positions positions() {
    return positions;
  }

  LayerAttention attention() {
    return attention;
  }

  int[] read() {
    return read;
  }

  ForwardObserver observer() {
    return observer;
  }
}
