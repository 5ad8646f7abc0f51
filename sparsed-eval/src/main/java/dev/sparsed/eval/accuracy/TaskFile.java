package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Reads task files: one JSON object per line. The fields' names are the project's own, and those
 * that public data sets use for the same thing, so that exports of GSM8K, MMLU or RULER are read as
 * they are:
 *
 * <ul>
 *   <li>{@code prompt} ({@code input}, {@code question}), or {@code messages}: a list of {@code
 *       role} and {@code content}, or {@code infill}: a text with gaps such as {@code Anna lives in
 *       <gap:4>.}, whose answer is the text of the gap, or of several one per line;
 *   <li>{@code references} ({@code outputs}, {@code answers}, {@code answer}): a text, a number, or
 *       a list of them; for multiple choice a number is a choice's index from 0, a text its text or
 *       letter;
 *   <li>{@code metric}; where absent, the reader's default;
 *   <li>{@code choices}: a list of texts, which are written under the prompt as A to Z, or their
 *       number, where the prompt already lists them;
 *   <li>optional {@code id}, {@code group}, {@code answer_prefix}, {@code generation_length}.
 * </ul>
 */
public final class TaskFile {

  static final ImmutableList<String> PROMPTS = ImmutableList.of("prompt", "input", "question");
  static final ImmutableList<String> REFERENCES =
      ImmutableList.of("references", "outputs", "answers", "answer");
  private static final String INFILL = "infill";
  private static final ImmutableSet<String> OTHERS =
      ImmutableSet.of(
          "messages",
          INFILL,
          "metric",
          "choices",
          "id",
          "group",
          "answer_prefix",
          "generation_length");
  // What public data sets carry beside; it does not change how a task is asked or scored.
  private static final ImmutableSet<String> PASSED_OVER =
      ImmutableSet.of(
          "index",
          "length",
          "length_w_model_temp",
          "token_position_answer",
          "others",
          "subject",
          "meta");

  private static final int MAX_GENERATION = 1 << 20;

  private final Optional<Metric> defaultMetric;
  private final String defaultGroup;

  private TaskFile(Optional<Metric> defaultMetric, String defaultGroup) {
    this.defaultMetric = defaultMetric;
    this.defaultGroup = defaultGroup;
  }

  /**
   * Reads a file and checks all of it.
   *
   * @param file the file, UTF-8
   * @param defaultMetric the metric of lines that name none
   * @return the tasks in the file's order, at least one
   * @throws TaskFileException if lines are malformed, names every one
   * @throws IOException if the file cannot be read
   */
  public static ImmutableList<EvalTask> read(Path file, Optional<Metric> defaultMetric)
      throws IOException, TaskFileException {
    TaskFile reader = new TaskFile(defaultMetric, stem(file));
    Map<String, Integer> lineOfId = new HashMap<>();
    ImmutableList<EvalTask> tasks =
        JsonLines.read(
            file,
            (line, object) -> {
              EvalTask task = reader.task(line, object);
              Integer earlier = lineOfId.putIfAbsent(task.id(), line);
              if (earlier != null) {
                throw new IllegalArgumentException(
                    "id " + Quoted.of(task.id()) + " is already that of line " + earlier);
              }
              return task;
            });
    if (tasks.isEmpty()) {
      throw TaskFileException.withoutAny(file, "task");
    }
    return tasks;
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private EvalTask task(int line, JsonNode object) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!isKnown(name)) {
                throw new IllegalArgumentException("has the unknown field " + Quoted.of(name));
              }
            });
    Metric metric =
        Fields.text(object, "metric")
            .map(Metric::parse)
            .or(() -> defaultMetric)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "has no 'metric', and no default was given with --metric"));
    ImmutableList<String> choices = Fields.choices(object);
    int choiceCount = Fields.choiceCount(object);
    ImmutableList<String> references = references(object, metric, choices, choiceCount);
    TaskPrompt prompt = object.has(INFILL) ? infill(object) : prompt(object, choices);
    return new EvalTask(
        line,
        Fields.id(object).orElse("line " + line),
        Fields.text(object, "group").orElse(defaultGroup),
        prompt,
        references,
        metric,
        choices,
        choiceCount,
        prompt
            .gaps()
            .map(gaps -> OptionalInt.of(gaps.openLength()))
            .orElseGet(() -> generationLength(object)));
  }

  private static TaskPrompt infill(JsonNode object) {
    Stream.concat(
            PROMPTS.stream(),
            Stream.of("messages", "choices", "answer_prefix", "generation_length"))
        .filter(object::has)
        .findFirst()
        .ifPresent(
            other -> {
              throw new IllegalArgumentException(
                  "has both 'infill' and '" + other + "', which it has no use for; keep one");
            });
    return TaskPrompt.infill(Fields.someText(object, INFILL));
  }

  private static boolean isKnown(String name) {
    return PROMPTS.contains(name)
        || REFERENCES.contains(name)
        || OTHERS.contains(name)
        || PASSED_OVER.contains(name);
  }

  private static ImmutableList<String> references(
      JsonNode object, Metric metric, ImmutableList<String> choices, int choiceCount) {
    if (!metric.isScored()) {
      return ImmutableList.of();
    }
    String field = Fields.onlyOne(object, REFERENCES, "references");
    if (metric == Metric.MULTIPLE_CHOICE) {
      if (choiceCount < 2) {
        throw new IllegalArgumentException(
            "needs 'choices' for multiple_choice: a list of 2 to "
                + Choices.MAX
                + " texts, or their number where the prompt lists them");
      }
      return Fields.letters(object, field, choices, choiceCount);
    }
    ImmutableList<String> references = Fields.texts(object, field);
    references.forEach(reference -> checkReference(metric, field, reference));
    return references;
  }

  private static void checkReference(Metric metric, String field, String reference) {
    if (metric == Metric.LAST_NUMBER && Numbers.last(reference).isEmpty()) {
      throw new IllegalArgumentException(
          "'" + field + "' must hold a number for last_number but is " + Quoted.of(reference));
    }
    if (metric != Metric.EXACT_MATCH && reference.isBlank()) {
      throw new IllegalArgumentException(
          "'" + field + "' holds an empty text, which " + metric.label() + " always finds");
    }
  }

  private static TaskPrompt prompt(JsonNode object, ImmutableList<String> choices) {
    boolean chat = object.has("messages");
    if (chat && PROMPTS.stream().anyMatch(object::has)) {
      throw new IllegalArgumentException("has both 'messages' and a prompt; keep one");
    }
    TaskPrompt prompt =
        chat
            ? new TaskPrompt(Fields.messages(object), true, "")
            : TaskPrompt.plain(Fields.someText(object, Fields.onlyOne(object, PROMPTS, "prompt")));
    if (!choices.isEmpty()) {
      ChatTurn last = prompt.turns().get(prompt.turns().size() - 1);
      prompt =
          new TaskPrompt(
              ImmutableList.<ChatTurn>builder()
                  .addAll(prompt.turns().subList(0, prompt.turns().size() - 1))
                  .add(new ChatTurn(last.role(), last.content() + Choices.render(choices)))
                  .build(),
              chat,
              "");
    }
    return new TaskPrompt(prompt.turns(), chat, Fields.text(object, "answer_prefix").orElse(""));
  }

  private static OptionalInt generationLength(JsonNode object) {
    JsonNode node = object.get("generation_length");
    if (node == null) {
      return OptionalInt.empty();
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < 1
        || node.intValue() > MAX_GENERATION) {
      throw new IllegalArgumentException(
          "'generation_length' must be a whole number from 1 to "
              + MAX_GENERATION
              + " but is "
              + JsonLines.shown(node));
    }
    return OptionalInt.of(node.intValue());
  }
}
