package dev.sparsed.eval;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.eval.speed.SpeedRun;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What is measured: every method at every combination of the lengths.
 *
 * @param methods methods by the names that the report has for them, in its order, at least one
 * @param baseline the name of the one that the others are compared with
 * @param sampling how tokens are chosen
 * @param earlyStop whether generations end at their first end of text
 * @param contexts prompt lengths in tokens, at least one
 * @param generations tokens to generate, at least one length
 * @param steps denoising steps; empty for each method's usual ones
 * @param run how often each case is generated
 * @param seed the seed of random choices
 */
public record SpeedSettings(
    Map<String, Method> methods,
    String baseline,
    Sampling sampling,
    boolean earlyStop,
    List<Integer> contexts,
    List<Integer> generations,
    OptionalInt steps,
    SpeedRun run,
    long seed) {

  /** Prompt length where none is given. */
  public static final int DEFAULT_CONTEXT = 4096;

  /** Tokens to generate where no length is given. */
  public static final int DEFAULT_GENERATION = 128;

  /** Generations of each case that count where no number is given. */
  public static final int DEFAULT_RUNS = 3;

  /** Generations of each case before those where no number is given. */
  public static final int DEFAULT_WARMUPS = 1;

  /**
   * Copies the lists, each length once, and checks them.
   *
   * @throws IllegalArgumentException if one is empty, or the baseline is none of the methods
   */
  public SpeedSettings {
    methods = ImmutableMap.copyOf(methods);
    contexts = contexts.stream().distinct().collect(ImmutableList.toImmutableList());
    generations = generations.stream().distinct().collect(ImmutableList.toImmutableList());
    checkArgument(!methods.isEmpty(), "no method is given");
    checkArgument(!contexts.isEmpty(), "no prompt length is given");
    checkArgument(!generations.isEmpty(), "no number of tokens to generate is given");
    checkArgument(steps.orElse(1) >= 1, "steps must be at least 1 but is %s", steps.orElse(1));
    checkArgument(
        methods.containsKey(baseline),
        "the baseline %s is none of the methods, which are %s",
        baseline,
        String.join(", ", methods.keySet()));
  }

  /**
   * Methods as they are usually measured: 128 tokens after 4,096, three times after once that does
   * not count, compared with full attention if that is among them, else with the first.
   *
   * @param methods methods, at least one
   * @return the settings
   * @throws IllegalArgumentException if there is none
   */
  public static SpeedSettings of(Method... methods) {
    Map<String, Method> byName = new LinkedHashMap<>();
    for (Method method : methods) {
      byName.put(method.name(), method);
    }
    return of(byName);
  }

  /**
   * The same for methods with names of one's own.
   *
   * @param methods methods by their names, at least one
   * @return the settings
   * @throws IllegalArgumentException if there is none
   */
  public static SpeedSettings of(Map<String, Method> methods) {
    checkArgument(!methods.isEmpty(), "no method is given");
    String full = Method.FULL.name();
    return new SpeedSettings(
        methods,
        methods.containsKey(full) ? full : methods.keySet().iterator().next(),
        Sampling.PUBLISHED,
        false,
        ImmutableList.of(DEFAULT_CONTEXT),
        ImmutableList.of(DEFAULT_GENERATION),
        OptionalInt.empty(),
        new SpeedRun(DEFAULT_WARMUPS, OptionalInt.empty(), DEFAULT_RUNS),
        0);
  }

  /**
   * The same with another baseline.
   *
   * @param value the name of one of the methods
   * @return the changed settings
   * @throws IllegalArgumentException if it is none of them
   */
  public SpeedSettings withBaseline(String value) {
    return new SpeedSettings(
        methods, value, sampling, earlyStop, contexts, generations, steps, run, seed);
  }

  /**
   * The same with other ways to choose tokens.
   *
   * @param newSampling how tokens are chosen
   * @param newEarlyStop whether generations end at their first end of text
   * @return the changed settings
   */
  public SpeedSettings withSampling(Sampling newSampling, boolean newEarlyStop) {
    return new SpeedSettings(
        methods, baseline, newSampling, newEarlyStop, contexts, generations, steps, run, seed);
  }

  /**
   * The same with other lengths.
   *
   * @param newContexts prompt lengths in tokens, at least one
   * @param newGenerations tokens to generate, at least one length
   * @return the changed settings
   * @throws IllegalArgumentException if there is none
   */
  public SpeedSettings withLengths(List<Integer> newContexts, List<Integer> newGenerations) {
    return new SpeedSettings(
        methods, baseline, sampling, earlyStop, newContexts, newGenerations, steps, run, seed);
  }

  /**
   * The same with a number of steps.
   *
   * @param value denoising steps; empty for each method's usual ones
   * @return the changed settings
   */
  public SpeedSettings withSteps(OptionalInt value) {
    return new SpeedSettings(
        methods, baseline, sampling, earlyStop, contexts, generations, value, run, seed);
  }

  /**
   * The same with other numbers of generations.
   *
   * @param value how often each case is generated
   * @return the changed settings
   */
  public SpeedSettings withRun(SpeedRun value) {
    return new SpeedSettings(
        methods, baseline, sampling, earlyStop, contexts, generations, steps, value, seed);
  }

  /**
   * The same with another seed.
   *
   * @param value the seed of random choices
   * @return the changed settings
   */
  public SpeedSettings withSeed(long value) {
    return new SpeedSettings(
        methods, baseline, sampling, earlyStop, contexts, generations, steps, run, value);
  }

  MethodUse use(Method method) {
    return new MethodUse(method, sampling, earlyStop);
  }
}
