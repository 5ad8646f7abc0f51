package dev.sparsed.models.internal.torch;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.internal.calibration.CalibrationKey;
import dev.sparsed.attention.internal.calibration.CalibrationWork;
import dev.sparsed.attention.internal.calibration.MeasuredCosts;
import dev.sparsed.attention.internal.calibration.MeasuredCosts.Measurement;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.util.LinkedHashSet;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Measures anew what has been measured on a device, and what models of usual sizes ask for. */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class CalibrationRun {

  private static final BlockShape BLOCKS = BlockShape.square(AttentionPolicy.PUBLISHED_BLOCK);

  /** Models of 7 and 8 billion weights, with and without shared heads of keys. */
  private static final ImmutableList<CalibrationWork> USUAL =
      ImmutableList.of(
          new CalibrationWork(ElementType.BFLOAT16, 28, 4, 128, BLOCKS),
          new CalibrationWork(ElementType.BFLOAT16, 32, 32, 128, BLOCKS));

  private final AttentionBackend<Tensor> backend;
  private final MeasuredCosts costs;

  /**
   * Makes a run.
   *
   * @param backend computes attention
   * @param costs keeps what comes of it
   */
  public CalibrationRun(AttentionBackend<Tensor> backend, MeasuredCosts costs) {
    this.backend = backend;
    this.costs = costs;
  }

  /**
   * What was measured.
   *
   * @param work the work
   * @param measurement what came of it
   */
  public record Renewed(CalibrationWork work, Measurement measurement) {}

  /**
   * Measures on a device.
   *
   * @param device the device
   * @return each work that is measured, one after the other; those of usual models come first
   */
  public ImmutableList<Renewed> on(Device device) {
    Set<CalibrationWork> works = new LinkedHashSet<>(USUAL);
    costs
        .folder()
        .ifPresent(
            folder ->
                folder.all().keySet().stream()
                    .filter(key -> isOf(key, device))
                    .forEach(key -> works.add(key.work())));
    return works.stream().map(work -> renew(work, device)).collect(ImmutableList.toImmutableList());
  }

  private Renewed renew(CalibrationWork work, Device device) {
    try (PointerScope scope = new PointerScope()) {
      Tensor example = example(work, device);
      return new Renewed(
          work, costs.renew(backend, example, work, new TorchCalibrationTensors(example)));
    }
  }

  /** Whether a measurement was made on the device as it is now. */
  private boolean isOf(CalibrationKey key, Device device) {
    try (PointerScope scope = new PointerScope()) {
      return key.platform()
          .equals(
              ImmutableSortedMap.copyOf(
                  backend.platform(example(key.work(), device), key.work().blocks())));
    }
  }

  private static Tensor example(CalibrationWork work, Device device) {
    return torch
        .empty(1, work.heads(), 1, work.headDimension())
        .to(device, scalarType(work.type()));
  }

  private static ScalarType scalarType(ElementType type) {
    return switch (type) {
      case FLOAT32 -> ScalarType.Float;
      case BFLOAT16 -> ScalarType.BFloat16;
      case FLOAT16 -> ScalarType.Half;
    };
  }
}
