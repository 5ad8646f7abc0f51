package dev.sparsed.attention.internal.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.calibration.MeasuredCosts.Price;
import dev.sparsed.tensor.TensorForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MeasuredCostsTest {

  private static final TensorForm EXAMPLE = new TensorForm(Works.WORK.type(), 1, 8, 1, 16);

  private static final AttentionShape EXAMPLE_SHAPE =
      new CalibrationSize(4, 4096).shape(Works.WORK);

  @TempDir private Path parent = Path.of("");
  private final List<String> warnings = new ArrayList<>();
  private final ClockedBackend backend = new ClockedBackend(1e-12);

  private MeasuredCosts costs(Optional<Path> folder) {
    return new MeasuredCosts(
        new Calibrator(Calibrator.BUDGET, () -> backend.clock, () -> Works.WHEN),
        folder.map(CalibrationFolder::new),
        warnings::add);
  }

  private Price price(MeasuredCosts costs) {
    return costs.price(backend, EXAMPLE, Works.WORK, backend.forms());
  }

  @Test
  void aDeviceIsMeasuredOnceAndTheNextProcessReadsIt() {
    MeasuredCosts first = costs(Optional.of(parent));
    Price measured = price(first);
    int calls = backend.measured.size();
    assertTrue(calls > 0);
    assertTrue(measured.basis().contains("measured on this machine"), measured.basis());
    assertTrue(measured.basis().contains("2026-01-02T03:04:05Z"), measured.basis());
    assertEquals(measured, price(first));
    assertEquals(measured, price(costs(Optional.of(parent))));
    assertEquals(calls, backend.measured.size());
    backend.platform = Map.of("backend", "clocked", "driver", "newer");
    price(first);
    assertTrue(backend.measured.size() > calls);
    assertEquals(List.of(), warnings);
  }

  /** Of a backend that tells nothing of its cost, the measurement tells it. */
  @Test
  void aStrangersBackendIsMeasuredToo() {
    AttentionCost cost = price(costs(Optional.empty())).cost().orElseThrow();
    double dense = cost.denseSeconds(EXAMPLE_SHAPE);
    assertEquals(
        2 * 0.5 * dense, cost.sparseSeconds(EXAMPLE_SHAPE, Works.WORK.blocks(), 0.5), 1e-6);
    assertEquals(3 * dense, cost.selectSeconds(EXAMPLE_SHAPE, Works.WORK.blocks()), 1e-6);
  }

  @Test
  void aBackendThatNamesNoPlatformIsNotMeasured() {
    backend.platform = Map.of();
    Price price = price(costs(Optional.of(parent)));
    assertEquals(Optional.empty(), price.timings());
    assertEquals(List.of(), backend.measured);
  }

  @Test
  void whereTheDiskCannotBeWrittenTheMeasurementStaysInMemoryWithOneLine() throws IOException {
    Path file = Files.createFile(parent.resolve("a file"));
    MeasuredCosts costs = costs(Optional.of(file.resolve("calibration")));
    Price measured = price(costs);
    assertTrue(measured.timings().isPresent());
    int calls = backend.measured.size();
    assertEquals(measured, price(costs));
    assertEquals(calls, backend.measured.size());
    backend.platform = Map.of("another", "machine");
    price(costs);
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("a file"), warnings.get(0));
  }

  @Test
  void aBackendThatCannotBeMeasuredIsTriedOnce() {
    backend.fails = true;
    MeasuredCosts costs = costs(Optional.of(parent));
    Price price = price(costs);
    assertFalse(price.timings().isPresent());
    assertTrue(price.basis().contains("no memory"), price.basis());
    price(costs);
    assertEquals(1, backend.measured.size());
    assertEquals(1, warnings.size());
  }

  @Test
  void renewingReplacesWhatIsKept() {
    MeasuredCosts costs = costs(Optional.of(parent));
    double before = price(costs).timings().orElseThrow().denseSeconds();
    ClockedBackend slower = new ClockedBackend(1e-11);
    new MeasuredCosts(
            new Calibrator(Calibrator.BUDGET, () -> slower.clock, () -> Works.WHEN),
            costs.folder(),
            warnings::add)
        .renew(slower, EXAMPLE, Works.WORK, slower.forms());
    double after = price(costs(Optional.of(parent))).timings().orElseThrow().denseSeconds();
    assertTrue(after != before);
    assertEquals(1, costs.folder().orElseThrow().all().size());
  }
}
