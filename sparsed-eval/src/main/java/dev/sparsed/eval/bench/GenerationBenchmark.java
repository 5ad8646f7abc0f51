package dev.sparsed.eval.bench;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Times the steps of generations with full attention and with other methods. */
public final class GenerationBenchmark {

  private final DiffusionModel model;
  private final int runs;
  private final boolean profiles;

  /**
   * Prepares a benchmark.
   *
   * @param model generates
   * @param runs generations that count, after one that does not; at least 1
   * @param profiles whether to count what the time of steps goes to, which means something on the
   *     processor only: cards work while the processor goes on
   */
  public GenerationBenchmark(DiffusionModel model, int runs, boolean profiles) {
    this.model = model;
    this.runs = runs;
    this.profiles = profiles;
  }

  /**
   * Measures one way to generate. A cancelled generation, as that of an interrupted thread is, ends
   * the measurement and does not count.
   *
   * @param name what it is called in the report
   * @param request the request; its attention is followed whether it pays off or not
   * @return times of whole generations and of the steps of each kind; empty if it ended before the
   *     first generation that counts
   */
  public Optional<Result> measure(String name, GenerationRequest.Builder request) {
    GenerationRequest built = request.sparsity(Sparsity.ALWAYS).build();
    if (model.generate(built).cancelled()) {
      return Optional.empty();
    }
    Optional<WorkClock> clock = profiles ? Optional.of(WorkClock.start()) : Optional.empty();
    try {
      return measure(name, built, clock);
    } finally {
      clock.ifPresent(WorkClock::close);
    }
  }

  private Optional<Result> measure(
      String name, GenerationRequest request, Optional<WorkClock> clock) {
    StepTimes steps = new StepTimes(clock);
    List<GenerationResult> results = new ArrayList<>();
    while (results.size() < runs) {
      StepTimes ofRun = new StepTimes(clock);
      GenerationResult result = model.generate(request, ofRun);
      if (result.cancelled()) {
        break;
      }
      results.add(result);
      steps.addAll(ofRun);
    }
    return results.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Result(
                name,
                Spread.of(
                    results.stream().mapToDouble(each -> each.time().toNanos() / 1e9).toArray()),
                steps.seconds(),
                steps.shares(),
                results.get(results.size() - 1)));
  }

  /**
   * What one way to generate took.
   *
   * @param name its name
   * @param total whole generations
   * @param steps single steps that ran the model, by kind
   * @param shares what their time went to; empty without a profile
   * @param last the result of the last generation that counts
   */
  public record Result(
      String name,
      Spread total,
      ImmutableMap<StepKind, Spread> steps,
      ImmutableMap<StepKind, WorkShares> shares,
      GenerationResult last) {}
}
