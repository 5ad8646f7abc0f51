package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compilation by NVRTC, where it is on the class path: {@code -Pnvrtc}. */
final class NvrtcCompilerTest {

  private final NvrtcCompiler compiler = new NvrtcCompiler();

  @BeforeAll
  static void requireNvrtc() {
    Assumptions.assumeTrue(
        new NvrtcCompiler().version().isPresent(),
        "NVRTC is not on this machine; run with -Pnvrtc, which downloads it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_90", "sm_120"})
  void compilesEveryKindOfKernel(String architecture) {
    for (Kernel kernel :
        List.of(
            Kernel.attention(ElementType.BFLOAT16, 128, BlockShape.square(128)),
            Kernel.attention(ElementType.FLOAT16, 96, BlockShape.square(32)),
            Kernel.rowLogSumExp(ElementType.BFLOAT16, 128),
            Kernel.blockScores(ElementType.FLOAT16, 256, BlockShape.square(64)),
            Kernel.attention(ElementType.FLOAT32, 40, BlockShape.square(7)),
            Kernel.selectBlocks())) {
      byte[] image =
          compiler.compile(
              kernel.name(),
              KernelSources.packaged().flatten(kernel),
              List.of("--std=c++17", "--gpu-architecture=" + architecture));
      assertEquals(0x7f, image[0], "an ELF file");
      String text = new String(image, StandardCharsets.ISO_8859_1);
      assertTrue(text.contains(kernel.name()), kernel.name());
    }
  }

  @Test
  void saysWhatIsWrongWithAProgram() {
    CudaException thrown =
        assertThrows(
            CudaException.class,
            () -> compiler.compile("broken", "no C++ at all", List.of("--std=c++17")));
    assertTrue(String.valueOf(thrown.getMessage()).contains("broken.cu(1): error"));
  }
}
