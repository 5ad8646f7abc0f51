package dev.sparsed.models.family.dream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sparsed.models.internal.torch.HostArrays;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // A PointerScope works by being open.
final class DreamScheduleTest {

  /** Commits as the published code makes them, where the last bit of a time decides. */
  @ParameterizedTest
  @CsvSource({
    "19, 32, 0.05, 1 1 1 1 1 1 1 1 2 2 1 2 2 2 2 2 2 2 5",
    "38, 64, 0.05, 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 1 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 7",
    "36, 32, 0.1, 0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 6"
  })
  void lastBitOfATimeDecidesAsPublished(int steps, int masked, double epsilon, String commits) {
    int[] expected = Arrays.stream(commits.split(" ")).mapToInt(Integer::parseInt).toArray();
    assertArrayEquals(expected, DreamProbe.committed(steps, epsilon, masked));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1e-4, 1e-3, 0.005, 0.05, 0.1, 0.5, 0.999})
  void timesAreLibTorchsLinspace(double epsilon) {
    // Without these LibTorch multiplies and adds with a rounding each; the published numbers and
    // every processor of the last ten years have them.
    assumeFalse(
        torch.get_cpu_capability().getString().equals("DEFAULT"),
        "LibTorch computes without fused multiply-add on this processor");
    IntStream.concat(IntStream.rangeClosed(1, 600), IntStream.of(1000, 1024, 4096, 40_000))
        .forEach(
            steps ->
                assertArrayEquals(
                    linspace(steps, epsilon),
                    DreamProbe.times(steps, epsilon),
                    () -> steps + " steps"));
  }

  private static float[] linspace(int steps, double epsilon) {
    try (PointerScope scope = new PointerScope()) {
      return HostArrays.toFloats(torch.linspace(new Scalar(1.0), new Scalar(epsilon), steps + 1L));
    }
  }
}
