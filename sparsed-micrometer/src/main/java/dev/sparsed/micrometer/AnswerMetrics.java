package dev.sparsed.micrometer;

import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Runs answers and measures them. May be used by several threads at once.
 *
 * <p>Of OpenTelemetry's conventions: {@code gen_ai.server.request.duration}, {@code
 * gen_ai.server.time_to_first_token} (of text that can no longer change), {@code
 * gen_ai.server.time_per_output_token} and {@code gen_ai.client.token.usage}. Of diffusion models
 * alone: {@code sparsed.generation.steps}, {@code sparsed.generation.forward_passes}, {@code
 * sparsed.generation.tokens_per_pass}, {@code sparsed.generation.density} and {@code
 * sparsed.cache.kept} in bytes.
 */
public final class AnswerMetrics {

  private final MeterRegistry registry;
  private final Tags model;

  /**
   * Measures one model's answers.
   *
   * @param registry gets the meters
   * @param modelName what {@code gen_ai.request.model} says
   */
  public AnswerMetrics(MeterRegistry registry, String modelName) {
    this.registry = registry;
    this.model = Tags.of("gen_ai.provider.name", "sparsed", "gen_ai.request.model", modelName);
  }

  /**
   * Runs an answer and measures it, also when it fails.
   *
   * @param operation what it is
   * @param prepared the answer
   * @param listener as {@link AnswerGenerator.PreparedAnswer#run} takes it
   * @return what {@link AnswerGenerator.PreparedAnswer#run} returns, which throws what this throws
   */
  public Answer run(
      Operation operation, AnswerGenerator.PreparedAnswer prepared, AnswerListener listener) {
    Tags tags = model.and("gen_ai.operation.name", operation.conventionalName());
    Watch watch = new Watch(listener, timer("gen_ai.server.time_to_first_token", tags));
    try {
      Answer answer = prepared.run(watch);
      String ending = answer.ending().name().toLowerCase(Locale.ROOT);
      duration(watch, tags.and("error.type", "none", "sparsed.ending", ending));
      record(answer, watch, tags);
      return answer;
    } catch (RuntimeException | Error e) {
      String type = e.getClass().getName();
      duration(watch, tags.and("error.type", type, "sparsed.ending", "none"));
      throw e;
    }
  }

  private void duration(Watch watch, Tags tags) {
    timer("gen_ai.server.request.duration", tags).record(watch.nanos(), TimeUnit.NANOSECONDS);
  }

  private void record(Answer answer, Watch watch, Tags tags) {
    String usage = "gen_ai.client.token.usage";
    summary(usage, "token", tags.and("gen_ai.token.type", "input")).record(answer.promptTokens());
    summary(usage, "token", tags.and("gen_ai.token.type", "output")).record(answer.tokens());
    if (answer.tokens() > 0) {
      timer("gen_ai.server.time_per_output_token", tags)
          .record(watch.nanos() / answer.tokens(), TimeUnit.NANOSECONDS);
    }
    GenerationResult generation = answer.generation();
    int passes = generation.forwardPasses();
    summary("sparsed.generation.steps", "step", tags).record(generation.completedSteps());
    summary("sparsed.generation.forward_passes", "pass", tags).record(passes);
    if (passes > 0) {
      summary("sparsed.generation.tokens_per_pass", "token", tags)
          .record((double) answer.tokens() / passes);
    }
    generation
        .density()
        .ifPresent(density -> summary("sparsed.generation.density", "1", tags).record(density));
    generation
        .cache()
        .ifPresent(
            cache ->
                summary("sparsed.cache.kept", "bytes", tags).record((double) cache.peakBytes()));
  }

  private Timer timer(String name, Tags tags) {
    return Timer.builder(name).tags(tags).register(registry);
  }

  private DistributionSummary summary(String name, String unit, Tags tags) {
    return DistributionSummary.builder(name).baseUnit(unit).tags(tags).register(registry);
  }

  /** Takes the time. */
  private static final class Watch implements AnswerListener {

    private final AnswerListener listener;
    private final Timer firstToken;
    private final long start = System.nanoTime();
    private boolean begun;

    Watch(AnswerListener listener, Timer firstToken) {
      this.listener = listener;
      this.firstToken = firstToken;
    }

    long nanos() {
      return System.nanoTime() - start;
    }

    @Override
    public void onText(String text) {
      if (!begun) {
        begun = true;
        firstToken.record(nanos(), TimeUnit.NANOSECONDS);
      }
      listener.onText(text);
    }

    @Override
    public Reaction onStep(AnswerListener.AnswerStep step) {
      return listener.onStep(step);
    }
  }
}
