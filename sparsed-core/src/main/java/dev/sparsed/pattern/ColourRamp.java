package dev.sparsed.pattern;

import com.google.common.primitives.ImmutableIntArray;

/**
 * The colours of the numbers from 0 to 1: a few fixed ones, evenly spaced, and mixtures between.
 */
final class ColourRamp {

  /** From a block that is not there to one that is. */
  static final ColourRamp BLOCKS = new ColourRamp(0xf1f4f7, 0x1f5fa8);

  /** From cold to hot. */
  static final ColourRamp HEAT = new ColourRamp(0xf1f4f7, 0xf5c25b, 0xd1495b, 0x2e1f47);

  private final ImmutableIntArray colours;

  private ColourRamp(int... colours) {
    this.colours = ImmutableIntArray.copyOf(colours);
  }

  /** The colour of a number as 0xRRGGBB. */
  int of(double number) {
    double place = Math.min(1, Math.max(0, number)) * (colours.length() - 1);
    int lower = Math.min((int) place, colours.length() - 2);
    double share = place - lower;
    int mixed = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      int from = colours.get(lower) >> shift & 0xff;
      int to = colours.get(lower + 1) >> shift & 0xff;
      mixed |= (int) Math.round(from + share * (to - from)) << shift;
    }
    return mixed;
  }
}
