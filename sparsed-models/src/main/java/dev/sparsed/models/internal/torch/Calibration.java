package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.internal.calibration.CalibrationFolder;
import dev.sparsed.attention.internal.calibration.Calibrator;
import dev.sparsed.attention.internal.calibration.MeasuredCosts;
import dev.sparsed.internal.CacheFolders;
import dev.sparsed.text.internal.Loggers;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;

/** What this process knows of the speed of attention on this machine. */
public final class Calibration {

  /**
   * Name of the system property that says whether the speed of attention may be measured: {@code
   * on}, the default, or {@code off}, with which the rates of the backends' cost models decide, the
   * same on every machine.
   */
  public static final String PROPERTY = "dev.sparsed.calibration";

  private static final Logger LOG = Loggers.of(Calibration.class);

  private Calibration() {}

  private static final class OfProcess {

    static final MeasuredCosts COSTS = open();

    private static MeasuredCosts open() {
      Optional<CalibrationFolder> folder = Optional.empty();
      try {
        folder = Optional.of(new CalibrationFolder(CacheFolders.folder("calibration")));
      } catch (IOException e) {
        LOG.warn(
            "the measured speed of attention is kept in this process only: {}", e.getMessage());
      }
      return new MeasuredCosts(Calibrator.standard(), folder, LOG::warn);
    }
  }

  /**
   * The process's measurements, which also lie in the folder {@code calibration} of its cache.
   *
   * @return always the same
   */
  public static MeasuredCosts ofProcess() {
    return OfProcess.COSTS;
  }

  /**
   * The process's measurements, where {@link #PROPERTY} allows to measure.
   *
   * @return empty if it is {@code off}
   * @throws IllegalArgumentException if it is neither of its values
   */
  public static Optional<MeasuredCosts> ifOn() {
    String value = System.getProperty(PROPERTY, "on").toLowerCase(Locale.ROOT);
    return switch (value) {
      case "on" -> Optional.of(ofProcess());
      case "off" -> Optional.empty();
      default ->
          throw new IllegalArgumentException(
              "property " + PROPERTY + " must be on or off but is " + value);
    };
  }
}
