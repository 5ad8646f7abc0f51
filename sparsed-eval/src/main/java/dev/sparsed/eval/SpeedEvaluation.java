package dev.sparsed.eval;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedReport;
import dev.sparsed.eval.speed.SpeedRow;
import dev.sparsed.eval.speed.SpeedRun;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.eval.speed.SpeedSubject;
import dev.sparsed.models.method.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Measures speed and memory of methods on a model. */
public final class SpeedEvaluation {

  /** Hears of every case. */
  public interface Listener {

    /** Hears nothing. */
    Listener NONE = new Listener() {};

    /**
     * Called before a case.
     *
     * @param number which of the cases it is, from 1
     * @param speedCase the case
     */
    default void begins(int number, SpeedCase speedCase) {}

    /**
     * Called after a case, so that hours of measurements do not hang on the last one.
     *
     * @param row what was measured, or why nothing was
     * @param soFar the report of all cases until now
     */
    default void done(SpeedRow row, SpeedReport soFar) {}
  }

  private final EvalModel model;
  private final SpeedSettings settings;
  private final ImmutableMap<Integer, Integer> lengths;
  private final Map<String, String> sampling;

  /**
   * Plans an evaluation.
   *
   * @param model what is measured; it stays the caller's
   * @param settings what to measure of it
   * @throws IllegalArgumentException if the model's family has no use for the sampling, or the
   *     methods have no common length
   */
  public SpeedEvaluation(EvalModel model, SpeedSettings settings) {
    this.model = model;
    this.settings = settings;
    this.lengths =
        Maps.toMap(
            settings.generations(),
            wanted -> CommonLength.of(model, settings.methods().values(), wanted));
    this.sampling = sampling(model, settings);
  }

  /**
   * The name that a method has among others, however it is spelled.
   *
   * @param model what the methods are used with
   * @param methods the others by their names
   * @param wanted the method
   * @return the name of the one that does the same
   */
  public static Optional<String> nameOf(
      EvalModel model, Map<String, Method> methods, Method wanted) {
    String description = model.describe(wanted);
    return methods.entrySet().stream()
        .filter(method -> model.describe(method.getValue()).equals(description))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * What becomes of the lengths that are asked for: methods are compared over the same tokens, and
   * some of them decode whole blocks.
   *
   * @return the wanted tokens to generate and how many are, in the settings' order
   */
  public ImmutableMap<Integer, Integer> lengths() {
    return lengths;
  }

  /**
   * What is measured.
   *
   * @return the cases, in their order; what becomes the same is measured once
   */
  public ImmutableList<SpeedCase> cases() {
    Set<SpeedCase> cases = new LinkedHashSet<>();
    for (int length : lengths.values()) {
      for (int context : settings.contexts()) {
        settings
            .methods()
            .forEach(
                (name, method) ->
                    cases.add(
                        new SpeedCase(
                            name,
                            context,
                            length,
                            settings.steps().orElse(method.usualSteps(length)))));
      }
    }
    return ImmutableList.copyOf(cases);
  }

  /**
   * Measures all cases.
   *
   * @return the report
   */
  public SpeedReport run() {
    return run(Listener.NONE);
  }

  /**
   * Measures all cases. One that the model refuses, or for which the memory does not suffice, is a
   * row that says so; any other failure ends the evaluation.
   *
   * @param listener hears of every case
   * @return the report
   */
  public SpeedReport run(Listener listener) {
    List<SpeedRow> rows = new ArrayList<>();
    SpeedRun run = settings.run();
    run.measure(
        subject(),
        cases(),
        new SpeedRun.Listener() {
          @Override
          public void begins(SpeedCase speedCase) {
            listener.begins(rows.size() + 1, speedCase);
          }

          @Override
          public void done(SpeedRow row) {
            rows.add(row);
            listener.done(row, report(rows));
          }
        });
    return report(rows);
  }

  private SpeedSubject subject() {
    return new SpeedSubject() {
      @Override
      public void check(SpeedCase speedCase) {
        model.check(use(speedCase), speedCase);
      }

      @Override
      public SpeedSample generate(SpeedCase speedCase) {
        return model.time(use(speedCase), speedCase, settings.seed());
      }
    };
  }

  private MethodUse use(SpeedCase speedCase) {
    Method method = settings.methods().get(speedCase.method());
    if (method == null) {
      throw new IllegalStateException("no method " + speedCase.method());
    }
    return settings.use(method);
  }

  /** How tokens are chosen; where methods differ in that, the value of each. */
  private static Map<String, String> sampling(EvalModel model, SpeedSettings settings) {
    Map<String, Map<String, String>> values = new LinkedHashMap<>();
    settings
        .methods()
        .forEach(
            (name, method) ->
                model
                    .settings(settings.use(method))
                    .forEach(
                        (setting, value) ->
                            values
                                .computeIfAbsent(setting, key -> new LinkedHashMap<>())
                                .put(name, value)));
    return Maps.transformValues(
        values,
        byMethod ->
            byMethod.values().stream().distinct().count() == 1
                ? byMethod.values().iterator().next()
                : Joiner.on(", ").withKeyValueSeparator(": ").join(byMethod));
  }

  /**
   * Everything that decides what the model does with the methods.
   *
   * @return setting to value: the model's identity, the methods, and the sampling with its defaults
   */
  public ImmutableMap<String, String> identity() {
    ImmutableMap.Builder<String, String> identity = ImmutableMap.builder();
    identity.putAll(model.identity());
    settings
        .methods()
        .forEach((name, method) -> identity.put("method " + name, model.describe(method)));
    sampling.forEach((name, value) -> identity.put("sampling " + name, value));
    return identity
        .put("sampling early_stop", Boolean.toString(settings.earlyStop()))
        .buildOrThrow();
  }

  private SpeedReport report(List<SpeedRow> rows) {
    ImmutableMap.Builder<String, String> about = ImmutableMap.builder();
    about.putAll(identity());
    about.put("runs", settings.run().toString());
    about.put(
        "host memory",
        settings.run().countsMemoryPerCase()
            ? "most resident memory of the process during the case, weights included"
            : "most resident memory of the process so far; this system cannot set the count back");
    about.putAll(MachineFacts.of());
    return new SpeedReport(
        about.buildOrThrow(),
        model.endOfText(settings.earlyStop()),
        settings.baseline(),
        ImmutableList.copyOf(rows),
        cases().size());
  }
}
