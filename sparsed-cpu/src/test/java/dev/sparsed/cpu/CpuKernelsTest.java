package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;

/** Loading the library, choosing an instruction set, measuring and estimating. */
final class CpuKernelsTest {

  private static final List<ElementType> TYPES = List.of(ElementType.FLOAT32, ElementType.BFLOAT16);

  /** Runs {@link Report} in a JVM of its own, whose properties nobody has read yet. */
  private static String report(String... jvmArguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of(jvmArguments));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Report.class.getName()));
    // What newer JVMs say about native access goes to standard error.
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return output.strip();
  }

  /** Prints what the library reports. */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) {
      System.out.println(
          CpuKernels.isAvailable()
              ? CpuKernels.instructionSets() + " " + CpuKernels.defaultThreads()
              : CpuKernels.unavailableReason().orElse("no reason"));
    }
  }

  @Test
  void aLibraryThatWasBuiltCanBeLoaded() {
    String platform = Loader.getPlatform();
    boolean built =
        Stream.of("so", "dylib", "dll")
            .map(suffix -> platform + "/libjnisparsed_cpu." + suffix)
            .anyMatch(name -> CpuKernels.class.getResource(name) != null);
    if (built) {
      assertEquals(Optional.empty(), CpuKernels.unavailableReason());
    }
  }

  @Test
  void aPropertyNamesTheHighestInstructionSet() throws Exception {
    Kernels.assumeAvailable();
    assertEquals(
        "[BASELINE] 3", report("-Ddev.sparsed.cpu.level=baseline", "-Ddev.sparsed.cpu.threads=3"));
    Kernels.assumeUsable(InstructionSet.AVX2);
    assertTrue(report("-Ddev.sparsed.cpu.level=AVX2").startsWith("[BASELINE, AVX2] "));
  }

  @Test
  void aWrongPropertyIsAReasonThatNamesIt() throws Exception {
    assertEquals(
        "property dev.sparsed.cpu.level must be one of [BASELINE, AVX2, AVX512, AVX512_BF16, AMX]"
            + " but is mmx",
        report("-Ddev.sparsed.cpu.level=mmx"));
    assertEquals(
        "property dev.sparsed.cpu.threads must be 1 to 1024 but is many",
        report("-Ddev.sparsed.cpu.threads=many"));
    assertEquals(
        "property dev.sparsed.cpu.threads must be 1 to 1024 but is 0",
        report("-Ddev.sparsed.cpu.threads=0"));
  }

  @Test
  void aPlatformWithoutLibraryIsNoErrorButAReason() throws Exception {
    String output = report("-Dorg.bytedeco.javacpp.platform=plan9-mips");
    assertTrue(output.contains("no native library"), output);
  }

  @Test
  void measuresThePeakOfEveryLevel() {
    for (InstructionSet level : Kernels.levels()) {
      for (ElementType type : TYPES) {
        double flops = CpuKernels.peakFlops(level, type, 1, 0.001);
        assertTrue(flops > 1e6 && Double.isFinite(flops), () -> level + " " + type + " " + flops);
      }
    }
  }

  @Test
  void sparseAttentionIsEstimatedToPayOffForLongSequencesOnly() {
    AttentionShape longOne = new AttentionShape(1, 28, 4, 8192, 8192, 128);
    AttentionShape shortOne = new AttentionShape(1, 28, 4, 128, 128, 128);
    for (InstructionSet level : InstructionSet.values()) {
      for (ElementType type : TYPES) {
        CpuCostModel cost = new CpuCostModel(level, type, 2);
        double dense = cost.denseSeconds(longOne);
        assertTrue(cost.sparseSeconds(longOne, BlockShape.square(128), 0.3) < 0.4 * dense);
        assertTrue(cost.selectSeconds(longOne, BlockShape.square(128)) < dense);
        assertFalse(
            cost.sparseSeconds(shortOne, BlockShape.square(128), 1) < cost.denseSeconds(shortOne));
        assertTrue(
            cost.sparseSeconds(longOne, BlockShape.square(1), 0.3) > dense,
            "tokens as blocks do not pay");
      }
    }
  }
}
