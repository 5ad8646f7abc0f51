package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.internal.calibration.CalibrationFolder;
import dev.sparsed.attention.internal.calibration.CalibrationKey;
import dev.sparsed.attention.internal.calibration.CalibrationWork;
import dev.sparsed.attention.internal.calibration.Calibrator;
import dev.sparsed.attention.internal.calibration.MeasuredCosts;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // A PointerScope works by being open.
final class CalibrationRunTest {

  private static final CalibrationWork TINY =
      new CalibrationWork(ElementType.FLOAT32, 4, 2, 16, BlockShape.square(16));

  private final KernelAttention backend = KernelAttention.standard();

  /** So little time that only the smallest size is measured. */
  private final Calibrator calibrator =
      new Calibrator(Duration.ofMillis(1), new Clock()::tick, () -> Instant.EPOCH);

  private static final class Clock {
    private long now;

    long tick() {
      now += 1_000_000;
      return now;
    }
  }

  @Test
  void measuresWhatWasMeasuredHereBefore(@TempDir Path folder) throws IOException {
    CalibrationFolder kept = new CalibrationFolder(folder);
    MeasuredCosts costs =
        new MeasuredCosts(calibrator, Optional.of(kept), CalibrationRunTest::refuse);
    try (PointerScope scope = new PointerScope()) {
      Tensor example = torch.empty(1, 4, 1, 16);
      AttentionTimings old =
          costs
              .renew(backend, example, TINY, new TorchCalibrationTensors(example))
              .timings()
              .orElseThrow();
      kept.write(CalibrationKey.of(backend.platform(example, TINY.blocks()), TINY), old);
      CalibrationWork elsewhere =
          new CalibrationWork(ElementType.FLOAT32, 6, 2, 16, BlockShape.square(16));
      kept.write(CalibrationKey.of(Map.of("device", "another"), elsewhere), old);
      List<CalibrationWork> works =
          new CalibrationRun(backend, costs)
              .on(TorchRuntime.cpu()).stream().map(CalibrationRun.Renewed::work).toList();
      assertTrue(works.contains(TINY), works::toString);
      assertTrue(!works.contains(elsewhere), works::toString);
      assertEquals(3, works.size(), works::toString);
    }
  }

  @Test
  void measuringLeavesLibTorchsRandomNumbersAsTheyAre() {
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(3);
      float[] expected = HostArrays.toFloats(torch.randn(5));
      torch.manual_seed(3);
      Tensor example = torch.empty(1, 4, 1, 16);
      AttentionTimings timings =
          Calibrator.standard()
              .measure(backend, TINY, new TorchCalibrationTensors(example))
              .timings();
      assertArrayEquals(expected, HostArrays.toFloats(torch.randn(5)));
      assertTrue(timings.density() < 1, timings::toString);
    }
  }

  private static void refuse(String warning) {
    throw new AssertionError(warning);
  }
}
