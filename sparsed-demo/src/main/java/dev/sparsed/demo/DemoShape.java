package dev.sparsed.demo;

/**
 * Sizes of the demo network.
 *
 * @param layers number of blocks
 * @param width size of a token's hidden state
 * @param heads attention heads; the width is a multiple of them
 * @param mlpWidth inner size of the feed-forward part
 * @param rotaryBase base of the rotary frequencies; a large one leaves many of them so slow that
 *     they tell apart what tokens mean and not where they are
 */
public record DemoShape(int layers, int width, int heads, int mlpWidth, double rotaryBase) {

  /** Added to the mean square in the norms, as LLaDA has it. */
  static final double NORM_EPSILON = 1e-5;

  /** Positions the network is trained for. */
  static final int MOST_POSITIONS = 4096;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if heads do not divide the width evenly
   */
  public DemoShape {
    if (layers < 1 || heads < 1 || width % (2 * heads) != 0 || mlpWidth < 1) {
      throw new IllegalArgumentException(
          "a network of "
              + layers
              + " layers, width "
              + width
              + " and "
              + heads
              + " heads; the"
              + " width must be a multiple of twice the heads");
    }
  }

  int headDimension() {
    return width / heads;
  }

  /** How far the rotary pair of a dimension turns per position, in radians. */
  double frequency(int pair) {
    return Math.pow(rotaryBase, -2.0 * pair / headDimension());
  }
}
