package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a throughput benchmark found.
 *
 * @param name what the user calls the model
 * @param method what the user calls the method
 * @param model the model
 * @param promptLength tokens of the longest prompt
 * @param generationLength tokens generated for each
 * @param result the measurement
 */
public record ThroughputReport(
    String name,
    String method,
    DiffusionModel.Description model,
    int promptLength,
    int generationLength,
    ThroughputBenchmark.Result result) {

  /**
   * The report as JSON.
   *
   * @return one object
   */
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ReportHead.addModel(root, name, model);
    root.put("method", method)
        .put("sequences", result.together().size())
        .put("prompt_tokens", promptLength)
        .put("gen_len", generationLength)
        .put("runs", result.shared().count())
        .put("serial_seconds", result.serial().median())
        .put("shared_seconds", result.shared().median())
        .put("serial_tokens_per_second", rate(result.serial()))
        .put("shared_tokens_per_second", rate(result.shared()))
        .put("ratio", ratio())
        .put("identical", result.identical())
        .put("exact", isExact())
        .put("passes", passes())
        .put("shared_passes", sharedPasses());
    result.serialStep().ifPresent(step -> root.put("serial_cached_step_ms", 1e3 * step.median()));
    result.sharedStep().ifPresent(step -> root.put("shared_cached_step_ms", 1e3 * step.median()));
    cachedRatio().ifPresent(ratio -> root.put("cached_ratio", ratio));
    ReportHead.addEnvironment(root);
    return root;
  }

  /**
   * Prints the report as text.
   *
   * @param out gets the text
   */
  public void print(PrintWriter out) {
    out.println(Environment.text());
    out.printf(
        Locale.ROOT,
        "%s: %s, %s, %s, %d sequences of %d + %d tokens%n",
        name,
        model.modelClass(),
        model.precision().name().toLowerCase(Locale.ROOT),
        method,
        result.together().size(),
        promptLength,
        generationLength);
    out.printf(
        Locale.ROOT,
        "one after the other %9.3f tokens/s, %.2f s%n",
        rate(result.serial()),
        result.serial().median());
    out.printf(
        Locale.ROOT,
        "at the same time    %9.3f tokens/s, %.2f s: %.2fx; %d of %d forward passes shared%n",
        rate(result.shared()),
        result.shared().median(),
        ratio(),
        sharedPasses(),
        passes());
    cachedRatio()
        .ifPresent(
            ratio ->
                out.printf(
                    Locale.ROOT,
                    "a cached step alone %9.2f ms, at the same time %.2f ms for %d: %.2fx%n",
                    1e3 * result.serialStep().orElseThrow().median(),
                    1e3 * result.sharedStep().orElseThrow().median(),
                    result.together().size(),
                    ratio));
    out.println(
        result.identical()
            ? "the tokens are the same"
            : isExact()
                ? "the tokens differ, which they must not: please report it"
                : "some tokens differ by rounding");
    out.flush();
  }

  private double rate(Spread seconds) {
    return result.tokens() / seconds.median();
  }

  private double ratio() {
    return result.serial().median() / result.shared().median();
  }

  /** How many cached steps of all generations end in the time of one that runs alone. */
  private OptionalDouble cachedRatio() {
    return result.serialStep().isEmpty() || result.sharedStep().isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            result.together().size()
                * result.serialStep().get().median()
                / result.sharedStep().get().median());
  }

  private boolean isExact() {
    return result.together().stream().allMatch(each -> each.passes().exact());
  }

  /** Counted once for each generation that took part. */
  private int passes() {
    return result.together().stream().map(GenerationResult::passes).mapToInt(p -> p.passes()).sum();
  }

  private int sharedPasses() {
    return result.together().stream().map(GenerationResult::passes).mapToInt(p -> p.shared()).sum();
  }
}
