package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.DiffusionModel;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What a generation benchmark found.
 *
 * @param name what the user calls the model
 * @param model the model
 * @param promptLength tokens of the prompt
 * @param generationLength tokens generated
 * @param totalSteps denoising steps
 * @param results the methods that were measured; the first is full attention
 * @param cancelled whether the benchmark was stopped before its end
 */
public record GenerationReport(
    String name,
    DiffusionModel.Description model,
    int promptLength,
    int generationLength,
    int totalSteps,
    List<GenerationBenchmark.Result> results,
    boolean cancelled) {

  /**
   * The report as JSON.
   *
   * @return one object
   */
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ReportHead.addModel(root, name, model);
    root.put("prompt_tokens", promptLength)
        .put("gen_len", generationLength)
        .put("steps", totalSteps)
        .put("cancelled", cancelled);
    ReportHead.addEnvironment(root);
    ArrayNode list = root.putArray("measurements");
    for (GenerationBenchmark.Result result : results) {
      list.add(new Measurement(result.name(), result.total(), 0).json());
      result
          .steps()
          .forEach(
              (kind, times) -> {
                ObjectNode step =
                    new Measurement(result.name() + "." + kind.key(), times, 0).json();
                WorkShares work = result.shares().get(kind);
                if (work != null) {
                  step.set("profile", work.json());
                }
                list.add(step);
              });
    }
    speedup().ifPresent(speedup -> root.put("speedup", speedup));
    density()
        .ifPresent(
            density -> root.put("density", density).put("ideal_attention_speedup", 1 / density));
    return root;
  }

  /**
   * Prints a table.
   *
   * @param out gets the table
   */
  public void print(PrintWriter out) {
    out.println(Environment.text());
    out.printf(
        Locale.ROOT,
        "%s: %s, %s, %s attention, %d + %d tokens, %d steps%n",
        name,
        model.modelClass(),
        model.precision().name().toLowerCase(Locale.ROOT),
        model.attention(),
        promptLength,
        generationLength,
        totalSteps);
    out.printf(
        Locale.ROOT, "%-28s %11s %11s %11s %7s%n", "", "median ms", "min ms", "max ms", "count");
    for (GenerationBenchmark.Result result : results) {
      line(out, result.name() + ", generation", result.total());
      result.steps().forEach((kind, times) -> line(out, "  " + kind.text() + ", step", times));
    }
    for (GenerationBenchmark.Result result : results) {
      if (!result.shares().isEmpty()) {
        print(out, result.name(), result.shares());
      }
    }
    if (cancelled) {
      out.println("Cancelled; what was measured until then");
    }
    speedup()
        .ifPresent(
            speedup ->
                out.printf(
                    Locale.ROOT,
                    "%s is %.2fx as fast as full attention%n",
                    results.get(1).name(),
                    speedup));
    density()
        .ifPresent(
            density ->
                out.printf(
                    Locale.ROOT,
                    "density %.3f, ideal for attention alone in sparse steps %.2fx%n",
                    density,
                    1 / density));
    out.flush();
  }

  /** What the time of steps went to: a line for each part, a column for each kind of step. */
  private static void print(
      PrintWriter out, String name, ImmutableMap<StepKind, WorkShares> shares) {
    out.printf(Locale.ROOT, "%-14s", name);
    shares.keySet().forEach(kind -> out.printf(Locale.ROOT, " %24s", kind.text()));
    out.println();
    Set<String> parts = new LinkedHashSet<>();
    shares.values().forEach(work -> parts.addAll(work.seconds().keySet()));
    for (String part : parts) {
      out.printf(Locale.ROOT, "  %-12s", part);
      for (WorkShares work : shares.values()) {
        out.printf(
            Locale.ROOT,
            " %12.3f ms %6.2f %%",
            1e3 * work.secondsOfStep(part),
            100 * work.share(part));
      }
      out.println();
    }
  }

  private OptionalDouble speedup() {
    return results.size() < 2
        ? OptionalDouble.empty()
        : OptionalDouble.of(results.get(0).total().median() / results.get(1).total().median());
  }

  private OptionalDouble density() {
    return results.size() < 2 ? OptionalDouble.empty() : results.get(1).last().density();
  }

  private static void line(PrintWriter out, String name, Spread times) {
    out.printf(
        Locale.ROOT,
        "%-28s %11.2f %11.2f %11.2f %7d%n",
        name,
        1e3 * times.median(),
        1e3 * times.min(),
        1e3 * times.max(),
        times.count());
  }
}
