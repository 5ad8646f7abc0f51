package dev.sparsed.models.family.llada;

import java.util.stream.IntStream;

/** Lets tests of other packages see the parts of LLaDA's decoding. */
public final class LladaProbe {

  private LladaProbe() {}

  public static int[] tokensPerStep(int masked, int steps) {
    return IntStream.range(0, steps)
        .map(step -> LladaDecoding.CommitCounts.EVEN.of(masked, masked, steps, step))
        .toArray();
  }
}
