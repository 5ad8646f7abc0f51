package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Java's sizes are those that the kernels are made by; KernelMatrixTest looks for each kernel. */
final class KernelSizesTest {

  @Test
  void theSourcesNameThem() {
    KernelSizes sizes = KernelSizes.packaged();
    assertEquals(List.of(64, 96, 128, 256), sizes.headDimensions().asList());
    assertEquals(List.of(16, 32, 64, 128), sizes.blockSizes().asList());
    assertEquals(List.of(64, 128), sizes.hopperHeadDimensions().asList());
    assertEquals(List.of(32, 64, 128), sizes.hopperBlockSizes().asList());
    assertEquals(256, sizes.largestFloat32HeadDimension());
  }

  @Test
  void linesMayGoOnAndEndAsOnOtherSystems() {
    String source =
        """
        #define SPARSED_FOR_HEAD_DIMENSIONS(Make, ...) \\
          Make(__VA_ARGS__, 8) \\
          Make(__VA_ARGS__, 4)
        // Make(__VA_ARGS__, 3)
        #define SPARSED_FOR_BLOCK_SIZES(Make, ...) Make(__VA_ARGS__, 2)
        #define SPARSED_FOR_HOPPER_HEAD_DIMENSIONS(Make, ...) Make(__VA_ARGS__, 4)
        #define SPARSED_FOR_HOPPER_BLOCK_SIZES(Make, ...)
        #define SPARSED_FLOAT32_LARGEST_HEAD_DIMENSION 9
        """;
    for (String text : List.of(source, source.replace("\n", "\r\n"))) {
      KernelSizes sizes = KernelSizes.of(text);
      assertEquals(List.of(4, 8), sizes.headDimensions().asList());
      assertEquals(List.of(2), sizes.blockSizes().asList());
      assertEquals(List.of(4), sizes.hopperHeadDimensions().asList());
      assertEquals(List.of(), sizes.hopperBlockSizes().asList());
      assertEquals(9, sizes.largestFloat32HeadDimension());
    }
    assertThrows(IllegalStateException.class, () -> KernelSizes.of("#define OTHER 1\n"));
  }
}
