package dev.sparsed.demo;

/**
 * Sizes of the demo network.
 *
 * @param vocabulary number of tokens
 * @param layers number of blocks
 * @param width size of a token's hidden state
 * @param heads attention heads; the width is a multiple of them
 * @param mlpWidth inner size of the feed-forward part
 */
record DemoShape(int vocabulary, int layers, int width, int heads, int mlpWidth) {

  /** Base of the rotary frequencies: small, as positions stay small. */
  static final double ROPE_THETA = 10_000;

  /** Added to the mean square in the norms, as LLaDA has it. */
  static final double NORM_EPSILON = 1e-5;

  static DemoShape of(int vocabulary) {
    return new DemoShape(vocabulary, 3, 128, 4, 256);
  }

  int headDimension() {
    return width / heads;
  }
}
