package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackend.AttentionCost;
import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What calls cost on this machine: looked up in this process, then on disk, then measured. Safe to
 * use from several threads, of which one measures at a time.
 */
public final class MeasuredCosts {

  private static final String BUSY =
      "the machine was busy with other work, so that the next process measures again";

  private final Calibrator calibrator;
  private final Optional<CalibrationFolder> folder;
  private final Consumer<String> warnings;
  private final Map<CalibrationKey, Measurement> known = new HashMap<>();
  private boolean hasWarned;

  /**
   * Knows nothing at first.
   *
   * @param calibrator measures
   * @param folder where measurements are kept, those excepted that other work on the machine has
   *     disturbed; empty for this process only
   * @param warnings is told once, in one line, that measurements cannot be kept on disk, and of
   *     each that failed
   */
  public MeasuredCosts(
      Calibrator calibrator, Optional<CalibrationFolder> folder, Consumer<String> warnings) {
    this.calibrator = calibrator;
    this.folder = folder;
    this.warnings = warnings;
  }

  /**
   * The cost of a backend's calls.
   *
   * @param <T> the tensor type
   * @param backend the backend
   * @param example queries that show dtype and device
   * @param work what is asked of it
   * @param tensors makes operands, should they be needed
   * @return the cost, by measured times where the backend can be measured
   */
  public <T> Price price(
      AttentionBackend<T> backend, T example, CalibrationWork work, CalibrationTensors<T> tensors) {
    Optional<AttentionCost> model = backend.cost(example, work.blocks());
    Map<String, String> platform = backend.platform(example, work.blocks());
    if (platform.isEmpty()) {
      return Price.unmeasured(model, "by the backend's own cost model");
    }
    Measurement measurement =
        measurement(CalibrationKey.of(platform, work), backend, work, tensors);
    return measurement
        .timings()
        .map(timings -> Price.measured(model, timings, measurement.remark()))
        .orElseGet(() -> Price.unmeasured(model, "not measured: " + measurement.remark()));
  }

  /**
   * Measures, whatever is known, and keeps the result.
   *
   * @param <T> the tensor type
   * @param backend the backend
   * @param example queries that show dtype and device
   * @param work what is asked of it
   * @param tensors makes operands
   * @return the measurement
   */
  public synchronized <T> Measurement renew(
      AttentionBackend<T> backend, T example, CalibrationWork work, CalibrationTensors<T> tensors) {
    CalibrationKey key = CalibrationKey.of(backend.platform(example, work.blocks()), work);
    return measure(key, backend, work, tensors);
  }

  /**
   * Where measurements are kept.
   *
   * @return the folder, empty if they are kept in this process only
   */
  public Optional<CalibrationFolder> folder() {
    return folder;
  }

  private synchronized <T> Measurement measurement(
      CalibrationKey key,
      AttentionBackend<T> backend,
      CalibrationWork work,
      CalibrationTensors<T> tensors) {
    Measurement found = known.get(key);
    if (found != null) {
      return found;
    }
    Optional<AttentionTimings> kept = folder.flatMap(on -> on.read(key));
    if (kept.isPresent()) {
      Measurement read = new Measurement(kept, "");
      known.put(key, read);
      return read;
    }
    return measure(key, backend, work, tensors);
  }

  private <T> Measurement measure(
      CalibrationKey key,
      AttentionBackend<T> backend,
      CalibrationWork work,
      CalibrationTensors<T> tensors) {
    Measurement made;
    try {
      Calibrator.Result result = calibrator.measure(backend, work, tensors);
      made = new Measurement(Optional.of(result.timings()), result.isSteady() ? "" : BUSY);
      if (result.isSteady()) {
        keep(key, result.timings());
      }
    } catch (RuntimeException e) {
      made = new Measurement(Optional.empty(), String.valueOf(e.getMessage()));
      warnings.accept(
          "the speed of attention could not be measured with " + work + ": " + e.getMessage());
    }
    known.put(key, made);
    return made;
  }

  private void keep(CalibrationKey key, AttentionTimings timings) {
    if (folder.isEmpty()) {
      return;
    }
    try {
      folder.get().write(key, timings);
    } catch (IOException e) {
      if (!hasWarned) {
        hasWarned = true;
        warnings.accept(
            "the measured speed of attention is kept in this process only, as it cannot be written"
                + " to "
                + folder.get().path()
                + " ("
                + e
                + ")");
      }
    }
  }

  /**
   * What came of measuring.
   *
   * @param timings the times, empty if the backend's calls failed
   * @param remark why they failed, or what is to be said of the times; may be empty
   */
  public record Measurement(Optional<AttentionTimings> timings, String remark) {}

  /**
   * A cost, and what it rests on.
   *
   * @param cost the cost, empty if nothing is known
   * @param timings the measurement, if there is one
   * @param basis how it came to be, for an explanation
   */
  public record Price(
      Optional<AttentionCost> cost, Optional<AttentionTimings> timings, String basis) {

    static Price measured(Optional<AttentionCost> model, AttentionTimings timings, String remark) {
      return new Price(
          Optional.of(new MeasuredCost(model.orElseGet(ProportionalCost::new), timings)),
          Optional.of(timings),
          "measured on this machine ("
              + timings.describe()
              + (remark.isEmpty() ? "" : "; " + remark)
              + ")");
    }

    /**
     * A cost that no measurement stands behind.
     *
     * @param model the backend's own cost model
     * @param basis why there is no measurement
     * @return the price
     */
    public static Price unmeasured(Optional<AttentionCost> model, String basis) {
      return new Price(model, Optional.empty(), basis);
    }
  }
}
