package dev.sparsed.models.family.llada;

/** Lets tests of other packages see the parts of LLaDA's decoding. */
public final class LladaProbe {

  private LladaProbe() {}

  public static int[] tokensPerStep(int masked, int steps) {
    return CommitCounts.EVEN.of(masked, steps);
  }
}
