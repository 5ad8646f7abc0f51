package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
}
