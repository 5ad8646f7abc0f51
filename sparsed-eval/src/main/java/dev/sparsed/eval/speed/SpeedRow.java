package dev.sparsed.eval.speed;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.bench.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What was measured of one case.
 *
 * @param speedCase the case
 * @param outcome how it ended
 * @param measured the measurements, or empty if the case is not possible
 * @param note why it is not possible, or what the samples note; may be empty
 */
public record SpeedRow(
    SpeedCase speedCase, Outcome outcome, Optional<Measured> measured, String note) {

  /** How a case ended. */
  public enum Outcome {
    /** It was measured. */
    MEASURED,
    /** Method, lengths and model do not go together, now and ever. */
    REFUSED,
    /** The memory did not suffice, which another time it may. */
    OUT_OF_MEMORY
  }

  /**
   * The measurements of a case.
   *
   * @param seconds time of a whole generation
   * @param tokensPerSecond tokens really generated per second
   * @param tokens tokens really generated in one generation, the median
   * @param positions positions denoised in one generation
   * @param forwardPasses steps that ran the model in one generation, the mean
   * @param committedTokens tokens that they committed in one generation, the mean; empty where that
   *     is not known
   * @param steps steps by phase, in the order in which the phases occurred
   * @param hostPeakBytes most resident memory of the process during the measured generations
   * @param devicePeakBytes most memory of the accelerator in use
   */
  public record Measured(
      Spread seconds,
      Spread tokensPerSecond,
      double tokens,
      int positions,
      double forwardPasses,
      OptionalDouble committedTokens,
      ImmutableMap<String, Phase> steps,
      OptionalLong hostPeakBytes,
      OptionalLong devicePeakBytes) {}

  /**
   * The steps of one phase.
   *
   * @param stepsPerGeneration how many of a generation ran the model, the mean
   * @param seconds time of one step
   */
  public record Phase(double stepsPerGeneration, Spread seconds) {}

  static SpeedRow refused(SpeedCase speedCase, String reason) {
    return new SpeedRow(speedCase, Outcome.REFUSED, Optional.empty(), reason);
  }

  static SpeedRow outOfMemory(SpeedCase speedCase, String reason) {
    return new SpeedRow(
        speedCase, Outcome.OUT_OF_MEMORY, Optional.empty(), "out of memory: " + reason);
  }

  static SpeedRow of(SpeedCase speedCase, List<SpeedSample> samples, OptionalLong hostPeakBytes) {
    double[] seconds = samples.stream().mapToDouble(SpeedSample::seconds).toArray();
    double[] rates = samples.stream().mapToDouble(s -> s.tokens() / s.seconds()).toArray();
    double[] tokens = samples.stream().mapToDouble(SpeedSample::tokens).toArray();
    SpeedSample last = samples.get(samples.size() - 1);
    OptionalLong device =
        samples.stream()
            .filter(sample -> sample.deviceBytes().isPresent())
            .mapToLong(sample -> sample.deviceBytes().getAsLong())
            .max();
    Measured measured =
        new Measured(
            Spread.of(seconds),
            Spread.of(rates),
            Spread.of(tokens).median(),
            last.positions(),
            samples.stream().mapToInt(sample -> sample.steps().size()).average().orElse(0),
            committed(samples),
            phases(samples),
            hostPeakBytes,
            device);
    return new SpeedRow(speedCase, Outcome.MEASURED, Optional.of(measured), last.note());
  }

  private static OptionalDouble committed(List<SpeedSample> samples) {
    return samples.stream().allMatch(sample -> sample.committedTokens().isPresent())
        ? samples.stream().mapToInt(sample -> sample.committedTokens().getAsInt()).average()
        : OptionalDouble.empty();
  }

  private static ImmutableMap<String, Phase> phases(List<SpeedSample> samples) {
    Map<String, List<Double>> times = new LinkedHashMap<>();
    for (SpeedSample sample : samples) {
      for (SpeedSample.Step step : sample.steps()) {
        times.computeIfAbsent(step.phase(), phase -> new ArrayList<>()).add(step.seconds());
      }
    }
    ImmutableMap.Builder<String, Phase> phases = ImmutableMap.builder();
    times.forEach(
        (phase, seconds) ->
            phases.put(
                phase,
                new Phase(
                    (double) seconds.size() / samples.size(),
                    Spread.of(seconds.stream().mapToDouble(Double::doubleValue).toArray()))));
    return phases.buildOrThrow();
  }

  /** The cases of the same lengths as this one's, for ratios. */
  static Optional<Measured> baseline(ImmutableList<SpeedRow> rows, SpeedRow row, String method) {
    for (SpeedRow other : rows) {
      SpeedCase its = other.speedCase();
      if (its.method().equals(method)
          && its.context() == row.speedCase().context()
          && its.generation() == row.speedCase().generation()) {
        return other.measured();
      }
    }
    return Optional.empty();
  }
}
