package dev.sparsed.attention.internal.calibration;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Times full attention, building SparseD's pattern, and sparse attention with that pattern, through
 * the calls that a generation makes. Small sizes come first, and a larger one follows where there
 * is time for it. At each size calls are repeated until the shortest time of each was reached
 * twice: then nothing else came between. The largest such size counts. The first calls of all, in
 * which a backend loads and compiles what a generation needs anyway, are not counted.
 */
public final class Calibrator {

  /** How long a measurement takes at most. */
  public static final Duration BUDGET = Duration.ofMillis(300);

  private static final int MOST_ROUNDS = 5;
  // Below, times are mostly those of the calls themselves.
  private static final int USEFUL_TOKENS = 512;
  // Of a size after which there is no time for the next, which takes four times as long.
  private static final int ROUNDS_OF_BUDGET = 32;
  private static final double NANO = 1e-9;

  private final long budget;
  private final LongSupplier nanoTime;
  private final Supplier<Instant> now;

  /**
   * Makes a calibrator.
   *
   * @param budget how long a measurement takes at most, more than zero
   * @param nanoTime the clock that times calls, as {@link System#nanoTime}
   * @param now the clock that dates measurements
   */
  public Calibrator(Duration budget, LongSupplier nanoTime, Supplier<Instant> now) {
    checkArgument(
        !budget.isNegative() && !budget.isZero(), "budget must be positive but is %s", budget);
    this.budget = budget.toNanos();
    this.nanoTime = nanoTime;
    this.now = now;
  }

  /**
   * A calibrator by the machine's clocks.
   *
   * @return one with {@link #BUDGET}
   */
  public static Calibrator standard() {
    return new Calibrator(BUDGET, System::nanoTime, Instant::now);
  }

  /**
   * Measures a backend.
   *
   * @param <T> the tensor type
   * @param backend the backend
   * @param work what the model asks of it
   * @param tensors makes the operands
   * @return the times at the largest size that there was time and memory for
   * @throws RuntimeException what the backend throws at the smallest size
   */
  public <T> Result measure(
      AttentionBackend<T> backend, CalibrationWork work, CalibrationTensors<T> tensors) {
    Run<T> run = new Run<>(backend, work, tensors);
    tensors.use(CalibrationSize.FIRST.shape(work), run::round);
    long start = nanoTime.getAsLong();
    Optional<Result> result = Optional.empty();
    boolean disturbed = false;
    Optional<CalibrationSize> size = Optional.of(CalibrationSize.FIRST);
    while (size.isPresent()) {
      Result larger;
      long begin = nanoTime.getAsLong();
      try {
        larger = run.at(size.get(), start);
      } catch (RuntimeException | OutOfMemoryError e) {
        if (result.isEmpty()) {
          throw e;
        }
        // There is no room for it beside the model, or the backend does not go so far.
        break;
      }
      long now = nanoTime.getAsLong();
      // What has been disturbed counts only where nothing smaller has not been.
      disturbed = !larger.isSteady();
      if (larger.isSteady() || result.filter(Result::isSteady).isEmpty()) {
        result = Optional.of(larger);
      }
      CalibrationSize last = size.get();
      size =
          last.next(work).filter(next -> next.over(last) * (now - begin) <= budget - (now - start));
    }
    AttentionTimings timings = result.orElseThrow().timings();
    return new Result(timings, !disturbed && !wasCutShort(timings));
  }

  /** Whether only delays by other work can have kept the size from being a useful one. */
  private boolean wasCutShort(AttentionTimings timings) {
    double round = timings.denseSeconds() + timings.selectSeconds() + timings.sparseSeconds();
    return timings.shape().keyLength() < USEFUL_TOKENS && ROUNDS_OF_BUDGET * round < budget * NANO;
  }

  /**
   * What was measured.
   *
   * @param timings the shortest times
   * @param isSteady whether nothing came between; if not, the machine was busy with other work
   */
  public record Result(AttentionTimings timings, boolean isSteady) {}

  /** Calls of one backend. */
  private final class Run<T> {

    private final AttentionBackend<T> backend;
    private final CalibrationWork work;
    private final CalibrationTensors<T> tensors;

    Run(AttentionBackend<T> backend, CalibrationWork work, CalibrationTensors<T> tensors) {
      this.backend = backend;
      this.work = work;
      this.tensors = tensors;
    }

    Result at(CalibrationSize size, long start) {
      Rounds rounds = new Rounds();
      tensors.use(
          size.shape(work),
          call -> {
            long took;
            do {
              long begin = nanoTime.getAsLong();
              rounds.add(round(call));
              took = nanoTime.getAsLong() - begin;
            } while (!rounds.isSteady()
                && rounds.count() < MOST_ROUNDS
                && nanoTime.getAsLong() - start + took <= budget);
          });
      return new Result(rounds.best(), rounds.isSteady());
    }

    private AttentionTimings round(AttentionCall<T> call) {
      long start = nanoTime.getAsLong();
      tensors.finish(backend.dense(call));
      long dense = nanoTime.getAsLong();
      IsolatedTopK selector = new IsolatedTopK(AttentionPolicy.PUBLISHED_SELECT);
      ScoreRequest request =
          new ScoreRequest(
              work.blocks(),
              call.grid(work.blocks()).keyBlocks() / 2,
              ScoreScale.HEAD_DIMENSION.of(call.shape()),
              selector.scope());
      try (PreparedPattern pattern = backend.select(call, request, selector)) {
        // Wherever it was made, it is there once it has come back.
        double density = pattern.pattern().density();
        long selected = nanoTime.getAsLong();
        tensors.finish(backend.sparse(call, pattern));
        long sparse = nanoTime.getAsLong();
        return new AttentionTimings(
            now.get(),
            work.type(),
            call.shape(),
            work.blocks(),
            density,
            seconds(start, dense),
            seconds(selected, sparse),
            seconds(dense, selected));
      }
    }

    /** A call takes a nanosecond at least, whatever the clock makes of it. */
    private double seconds(long from, long to) {
      return Math.max(1, to - from) * NANO;
    }
  }
}
