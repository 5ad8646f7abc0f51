package dev.sparsed.eval.bench;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import com.google.common.collect.Multimaps;
import com.google.common.primitives.Doubles;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Times the steps of generations with full attention and with other methods. */
public final class GenerationBenchmark {

  private final DiffusionModel model;
  private final int runs;

  /**
   * Prepares a benchmark.
   *
   * @param model generates
   * @param runs generations that count, after one that does not; at least 1
   */
  public GenerationBenchmark(DiffusionModel model, int runs) {
    this.model = model;
    this.runs = runs;
  }

  /**
   * Measures one way to generate. A cancelled generation, as that of an interrupted thread is, ends
   * the measurement and does not count.
   *
   * @param name what it is called in the report
   * @param request the request; its attention is followed whether it pays off or not
   * @return times of whole generations and of the steps of each phase; empty if it ended before the
   *     first generation that counts
   */
  public Optional<Result> measure(String name, GenerationRequest.Builder request) {
    GenerationRequest built = request.sparsity(Sparsity.ALWAYS).build();
    if (model.generate(built).cancelled()) {
      return Optional.empty();
    }
    ListMultimap<AttentionPhase, Double> steps =
        MultimapBuilder.enumKeys(AttentionPhase.class).arrayListValues().build();
    List<GenerationResult> results = new ArrayList<>();
    while (results.size() < runs) {
      ListMultimap<AttentionPhase, Double> ofRun =
          MultimapBuilder.enumKeys(AttentionPhase.class).arrayListValues().build();
      GenerationResult result =
          model.generate(
              built,
              progress -> {
                if (progress.ran()) {
                  ofRun.put(progress.phase(), progress.time().toNanos() / 1e9);
                }
                return Reaction.CONTINUE;
              });
      if (result.cancelled()) {
        break;
      }
      results.add(result);
      steps.putAll(ofRun);
    }
    return results.isEmpty() ? Optional.empty() : Optional.of(result(name, results, steps));
  }

  private static Result result(
      String name, List<GenerationResult> results, ListMultimap<AttentionPhase, Double> steps) {
    ImmutableMap.Builder<AttentionPhase, Spread> phases = ImmutableMap.builder();
    Multimaps.asMap(steps)
        .forEach((phase, seconds) -> phases.put(phase, Spread.of(Doubles.toArray(seconds))));
    return new Result(
        name,
        Spread.of(results.stream().mapToDouble(each -> each.time().toNanos() / 1e9).toArray()),
        phases.buildOrThrow(),
        results.get(results.size() - 1));
  }

  /**
   * What one way to generate took.
   *
   * @param name its name
   * @param total whole generations
   * @param steps single steps that ran the model, by phase
   * @param last the result of the last generation that counts
   */
  public record Result(
      String name,
      Spread total,
      ImmutableMap<AttentionPhase, Spread> steps,
      GenerationResult last) {}
}
