package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.eval.bench.PhaseNames;
import dev.sparsed.eval.prompts.Prompt;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.text.internal.Quoted;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the generating commands print at their end.
 *
 * @param model what the user calls the model
 * @param prompt the prompt, where it was a text
 * @param answer the generated text, where the prompt was one
 * @param gaps the texts that gaps were filled with; empty where the text had none
 * @param result what the model gave
 */
record AnswerReport(
    String model,
    Optional<Prompt> prompt,
    Optional<String> answer,
    List<String> gaps,
    GenerationResult result) {

  /** Why there may be nothing to read. */
  static final String EMPTY =
      "The answer is empty: the model wrote no word before its end of text.";

  static AnswerReport ofText(String model, Prompt prompt, String answer, GenerationResult result) {
    return new AnswerReport(model, Optional.of(prompt), Optional.of(answer), List.of(), result);
  }

  static AnswerReport ofTokens(String model, GenerationResult result) {
    return new AnswerReport(model, Optional.empty(), Optional.empty(), List.of(), result);
  }

  /** What a text with gaps has become. */
  static AnswerReport ofGaps(
      String model, String filled, List<String> gaps, GenerationResult result) {
    return new AnswerReport(model, Optional.empty(), Optional.of(filled), gaps, result);
  }

  /** The answer alone. */
  void printAnswer(PrintWriter out) {
    out.println(answer.orElseGet(() -> Arrays.toString(tokens())));
    out.flush();
  }

  /** The answer to {@code out}, times to {@code err}. */
  void print(PrintWriter out, PrintWriter err) {
    printAnswer(out);
    if (result.cancelled()) {
      err.printf(
          Locale.ROOT,
          "Cancelled after %d of %d steps%n",
          result.completedSteps(),
          result.totalSteps());
    }
    err.println();
    for (int gap = 0; gap < gaps.size(); gap++) {
      err.printf(Locale.ROOT, "Gap %d: %s%n", gap + 1, Quoted.of(gaps.get(gap)));
    }
    err.printf(
        Locale.ROOT,
        "Running time: %.2f s for %d tokens %s (%s)%n",
        seconds(result.time()),
        tokens().length,
        where(),
        model);
    new TreeMap<>(result.phases())
        .forEach(
            (phase, use) ->
                err.printf(
                    Locale.ROOT,
                    "  %-16s %4d steps, %.2f s; %d computed, %.1f ms each%n",
                    PhaseNames.of(phase),
                    use.steps(),
                    seconds(use.time()),
                    use.forwardPasses(),
                    milliseconds(use.time(), use.forwardPasses())));
    result
        .cache()
        .ifPresent(
            cache ->
                err.printf(
                    Locale.ROOT,
                    "Cache: %d steps fed whole sequences, %.1f ms each; %d fed a part, %.1f ms"
                        + " each; at most %s kept%n",
                    cache.wholePasses(),
                    milliseconds(cache.wholeTime(), cache.wholePasses()),
                    cache.cachedPasses(),
                    milliseconds(cache.cachedTime(), cache.cachedPasses()),
                    Bytes.text(cache.peakBytes())));
    if (answer.isPresent() && answer.get().isEmpty() && !result.cancelled()) {
      err.println(EMPTY + " --min_length keeps it from doing so.");
    }
    int open = result.openPositions().get(0);
    if (open > 0 && !result.cancelled()) {
      err.printf(
          Locale.ROOT,
          "Open positions: %d of %d, for which the model predicts the mask itself; --forbid_tokens"
              + " mask lets it fill them%n",
          open,
          tokens().length);
    }
    err.println("Attention: " + result.sparsity().reason());
    result
        .density()
        .ifPresent(
            density ->
                err.printf(Locale.ROOT, "Blocks read in sparse steps: %.1f %%%n", 100 * density));
    err.println("Peak memory: " + Bytes.text(result.memory().peakResidentBytes()));
    result
        .memory()
        .peakDeviceBytes()
        .ifPresent(bytes -> err.println("Peak memory of the card: " + Bytes.text(bytes)));
    err.flush();
  }

  private String where() {
    return gaps.isEmpty()
        ? "after a prompt of " + result.promptLengths().get(0)
        : "in gaps of a text of " + (result.sequences().get(0).size() - tokens().length);
  }

  ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("model", model);
    answer.ifPresent(text -> root.put("answer", text));
    prompt
        .flatMap(Prompt::expected)
        .ifPresent(
            word ->
                root.put("expected", word)
                    .put("found", answer.map(text -> text.contains(word)).orElse(false)));
    if (!gaps.isEmpty()) {
      ArrayNode texts = root.putArray("gaps");
      gaps.forEach(texts::add);
    }
    root.put("prompt_tokens", result.promptLengths().get(0));
    ArrayNode tokens = root.putArray("tokens");
    Arrays.stream(tokens()).forEach(tokens::add);
    root.put("open_positions", result.openPositions().get(0));
    root.put("steps", result.completedSteps())
        .put("cancelled", result.cancelled())
        .put("seconds", seconds(result.time()));
    ObjectNode phases = root.putObject("phases");
    new TreeMap<>(result.phases())
        .forEach(
            (phase, use) ->
                phases
                    .putObject(PhaseNames.key(phase))
                    .put("steps", use.steps())
                    .put("forward_passes", use.forwardPasses())
                    .put("seconds", seconds(use.time())));
    root.put("sparse", result.sparsity().sparse()).put("reason", result.sparsity().reason());
    result
        .sparsity()
        .measured()
        .forEach(timings -> CalibrationReport.put(root.withArray("measured").addObject(), timings));
    result.density().ifPresent(density -> root.put("density", density));
    result
        .cache()
        .ifPresent(
            cache ->
                root.putObject("cache")
                    .put("whole_passes", cache.wholePasses())
                    .put("whole_seconds", seconds(cache.wholeTime()))
                    .put("cached_passes", cache.cachedPasses())
                    .put("cached_seconds", seconds(cache.cachedTime()))
                    .put("peak_bytes", cache.peakBytes()));
    root.put("peak_memory_bytes", result.memory().peakResidentBytes());
    result
        .memory()
        .peakDeviceBytes()
        .ifPresent(bytes -> root.put("peak_device_memory_bytes", bytes));
    return root;
  }

  private int[] tokens() {
    return result.generated(0);
  }

  private static double milliseconds(Duration duration, int passes) {
    return 1000 * seconds(duration) / Math.max(1, passes);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
