package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.tensor.ElementType;
import java.util.List;

/** What tests need to know of the library under test. */
final class Kernels {

  private Kernels() {}

  /** Skips the test, saying why, where there is no library at all. */
  static void assumeAvailable() {
    assumeTrue(CpuKernels.isAvailable(), () -> CpuKernels.unavailableReason().orElse(""));
  }

  /** Skips the test, saying why, where an instruction set is not to be had. */
  static void assumeUsable(InstructionSet level) {
    assumeAvailable();
    assumeTrue(
        CpuKernels.instructionSets().contains(level),
        () -> "this processor has no " + level + "; the emulated run covers it");
  }

  /**
   * Levels to test in this run: with the shipped library all that the machine has, with the
   * emulating one those that only it can run.
   */
  static List<InstructionSet> levels() {
    assumeAvailable();
    List<InstructionSet> levels = CpuKernels.instructionSets();
    if (CpuKernels.isEmulated()) {
      levels = levels.subList(levels.indexOf(InstructionSet.AVX512), levels.size());
    }
    assertTrue(!levels.isEmpty());
    return levels;
  }

  /**
   * Largest error of an output element over values of magnitude {@code largestValue} at most,
   * absolute up to magnitude 1 and relative above. For bf16 it is half a unit in the last of the
   * output's 8 binary places; where each probability is rounded to bf16 too before it meets its
   * value, by a factor within 1 + 2^-8, their mean of values moves by up to 2^-8 of the largest.
   */
  static double tolerance(InstructionSet level, ElementType type, double largestValue) {
    if (type == ElementType.BFLOAT16 && level.compareTo(InstructionSet.AVX512_BF16) >= 0) {
      return 0x1p-8 * (1.01 + largestValue);
    }
    return tolerance(level, type);
  }

  /**
   * The same for values that are typically of magnitude 1, where rounding errors cancel in part: in
   * rows of few keys less than in others.
   */
  static double tolerance(InstructionSet level, ElementType type) {
    if (type == ElementType.FLOAT32) {
      return 2e-5;
    }
    return level.compareTo(InstructionSet.AVX512_BF16) >= 0 ? 2 * 0x1p-8 : 1.01 * 0x1p-8;
  }
}
