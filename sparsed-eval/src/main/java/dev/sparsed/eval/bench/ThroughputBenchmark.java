package dev.sparsed.eval.bench;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Times the same generations one after the other and all at the same time. */
public final class ThroughputBenchmark {

  private final DiffusionModel model;
  private final int runs;

  /**
   * Prepares a benchmark.
   *
   * @param model generates
   * @param runs how often all generations are run in either way, in turns; at least 1
   */
  public ThroughputBenchmark(DiffusionModel model, int runs) {
    this.model = model;
    this.runs = runs;
  }

  /**
   * Measures, after one generation that does not count.
   *
   * @param requests what is generated
   * @return what it took; empty if it was interrupted before either way was run once
   */
  public Optional<Result> measure(List<GenerationRequest> requests) {
    if (model.generate(requests.get(0)).cancelled()) {
      return Optional.empty();
    }
    List<Double> serial = new ArrayList<>();
    List<Double> shared = new ArrayList<>();
    CachedSteps serialSteps = new CachedSteps();
    CachedSteps sharedSteps = new CachedSteps();
    List<GenerationResult> alone = List.of();
    List<GenerationResult> together = List.of();
    while (shared.size() < runs) {
      long start = System.nanoTime();
      List<GenerationResult> first =
          requests.stream().map(request -> model.generate(request, serialSteps)).toList();
      long middle = System.nanoTime();
      if (isCancelled(first)) {
        break;
      }
      List<GenerationResult> second = together(requests, sharedSteps);
      if (isCancelled(second)) {
        break;
      }
      alone = first;
      together = second;
      serial.add((middle - start) / 1e9);
      shared.add((System.nanoTime() - middle) / 1e9);
    }
    return shared.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Result(
                spread(serial),
                spread(shared),
                serialSteps.seconds(),
                sharedSteps.seconds(),
                alone,
                together));
  }

  /** Takes the time of steps that read a cache, of several generations at the same time too. */
  private static final class CachedSteps implements GenerationListener {

    private final ConcurrentLinkedQueue<Double> times = new ConcurrentLinkedQueue<>();

    @Override
    public Reaction onStep(GenerationProgress progress) {
      if (progress.ran() && !progress.cache().feedsAll()) {
        times.add(progress.time().toNanos() / 1e9);
      }
      return Reaction.CONTINUE;
    }

    Optional<Spread> seconds() {
      List<Double> all = List.copyOf(times);
      return all.isEmpty() ? Optional.empty() : Optional.of(spread(all));
    }
  }

  private static boolean isCancelled(List<GenerationResult> results) {
    return results.stream().anyMatch(GenerationResult::cancelled);
  }

  private static Spread spread(List<Double> seconds) {
    return Spread.of(seconds.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Each request on a thread of its own; an interruption of the caller reaches all. */
  private List<GenerationResult> together(
      List<GenerationRequest> requests, GenerationListener listener) {
    ExecutorService threads = Executors.newFixedThreadPool(requests.size());
    try {
      List<Future<GenerationResult>> running = new ArrayList<>();
      for (GenerationRequest request : requests) {
        running.add(threads.submit(() -> model.generate(request, listener)));
      }
      List<GenerationResult> results = new ArrayList<>();
      for (Future<GenerationResult> each : running) {
        results.add(result(each, threads));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static GenerationResult result(
      Future<GenerationResult> running, ExecutorService threads) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return Objects.requireNonNull(running.get());
        } catch (InterruptedException e) {
          interrupted = true;
          threads.shutdownNow();
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IllegalStateException(cause);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * What it took.
   *
   * @param serial seconds of all generations one after the other
   * @param shared seconds of all generations at the same time
   * @param serialStep seconds of a step that reads a cache while nothing else runs; empty without a
   *     cache
   * @param sharedStep seconds of such a step while all generations run
   * @param alone results of the last run one after the other
   * @param together results of the last run at the same time
   */
  public record Result(
      Spread serial,
      Spread shared,
      Optional<Spread> serialStep,
      Optional<Spread> sharedStep,
      List<GenerationResult> alone,
      List<GenerationResult> together) {

    /**
     * How many tokens a run generates.
     *
     * @return the tokens of all sequences
     */
    public long tokens() {
      return alone.stream()
          .flatMap(result -> result.gaps().stream())
          .flatMap(List::stream)
          .mapToLong(gap -> gap.end() - gap.start())
          .sum();
    }

    /**
     * Whether every sequence got the same tokens in both ways.
     *
     * @return true if all are equal
     */
    public boolean identical() {
      return alone.stream()
          .map(GenerationResult::sequences)
          .toList()
          .equals(together.stream().map(GenerationResult::sequences).toList());
    }
  }
}
