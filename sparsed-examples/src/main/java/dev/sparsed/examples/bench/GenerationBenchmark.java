package dev.sparsed.examples.bench;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** Times the steps of generations with full attention and with a sparse policy. */
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
   * Measures one attention policy.
   *
   * @param name what the policy is called in the report
   * @param policy the attention policy, followed whether it pays off or not
   * @param request gives a fresh builder with everything but the attention
   * @return times of whole generations and of the steps of each phase
   */
  public Result measure(
      String name, AttentionPolicy policy, Supplier<GenerationRequest.Builder> request) {
    GenerationRequest built = request.get().attention(policy).sparsity(Sparsity.ALWAYS).build();
    model.generate(built);
    Map<AttentionPhase, List<Double>> steps = new EnumMap<>(AttentionPhase.class);
    double[] totals = new double[runs];
    GenerationResult last = null;
    for (int run = 0; run < runs; run++) {
      last =
          model.generate(
              built,
              progress -> {
                if (progress.ran()) {
                  steps
                      .computeIfAbsent(progress.phase(), phase -> new ArrayList<>())
                      .add(progress.time().toNanos() / 1e9);
                }
                return Reaction.CONTINUE;
              });
      totals[run] = last.time().toNanos() / 1e9;
    }
    ImmutableMap.Builder<AttentionPhase, Times> phases = ImmutableMap.builder();
    steps.forEach(
        (phase, seconds) ->
            phases.put(
                phase, Times.of(seconds.stream().mapToDouble(Double::doubleValue).toArray())));
    return new Result(name, Times.of(totals), phases.buildOrThrow(), Objects.requireNonNull(last));
  }

  /**
   * What one policy took.
   *
   * @param name the policy's name
   * @param total whole generations
   * @param steps single steps that ran the model, by phase
   * @param last the last generation's result
   */
  public record Result(
      String name, Times total, ImmutableMap<AttentionPhase, Times> steps, GenerationResult last) {}
}
