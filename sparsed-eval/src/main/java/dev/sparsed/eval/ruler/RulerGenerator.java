package dev.sparsed.eval.ruler;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.accuracy.TaskPrompt;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;

/**
 * Makes samples that fill a length. The same arguments give the same lines, byte for byte; a
 * sample's needles and questions do not depend on the length.
 */
public final class RulerGenerator {

  private final int length;
  private final long seed;
  private final ToIntFunction<TaskPrompt> tokens;
  private final Map<RulerTask, QuestionFile> questions;

  /** Gets the lines of the task file. */
  @FunctionalInterface
  public interface Sink {

    /**
     * Takes the next line.
     *
     * @param json the line without its end
     * @throws IOException if it cannot be kept
     */
    void line(String json) throws IOException;
  }

  /**
   * Prepares the making of samples.
   *
   * @param length tokens of prompt and answer together
   * @param seed the seed
   * @param tokens counts the tokens of a prompt as the model gets it, answer prefix included
   * @param questions the questions of the question-answering tasks that are wanted
   */
  public RulerGenerator(
      int length,
      long seed,
      ToIntFunction<TaskPrompt> tokens,
      Map<RulerTask, QuestionFile> questions) {
    this.length = length;
    this.seed = seed;
    this.tokens = tokens;
    this.questions = questions;
  }

  /**
   * Makes the samples of one task.
   *
   * @param task the task
   * @param count how many samples, at least 1
   * @param sink gets one line per sample
   * @throws IllegalArgumentException if the length is too short for the task
   * @throws IOException if the sink fails
   */
  public void generate(RulerTask task, int count, Sink sink) throws IOException {
    checkArgument(count >= 1, "samples must be at least 1 but is %s", count);
    int budget = length - task.generationLength();
    int guess = Math.max(1, budget / 20);
    for (int index = 0; index < count; index++) {
      SampleBuilder builder =
          task.sample(index, length, seed, Optional.ofNullable(questions.get(task)));
      OptionalInt units = mostUnits(builder, budget, guess);
      Optional<SampleBuilder> shorter = builder.shorter();
      if (units.isEmpty() && shorter.isPresent()) {
        builder = shorter.get();
        units = mostUnits(builder, budget, guess);
      }
      if (units.isEmpty()) {
        throw tooShort(task, builder);
      }
      guess = units.getAsInt();
      sink.line(line(task, index, builder.build(guess)));
    }
  }

  /**
   * The prose that needles are hidden in.
   *
   * @param sentences how many sentences, at least 1
   * @return the text, always the same
   */
  public static String filler(int sentences) {
    StringBuilder text = new StringBuilder(Prose.sentence(0, 0));
    for (int sentence = 1; sentence < sentences; sentence++) {
      text.append(' ').append(Prose.sentence(0, sentence));
    }
    return text.toString();
  }

  private OptionalInt mostUnits(SampleBuilder builder, int budget, int guess) {
    return LengthFitter.mostUnits(
        number -> tokens.applyAsInt(prompt(builder.build(number))),
        budget,
        builder.leastUnits(),
        builder.mostUnits(),
        guess);
  }

  private IllegalArgumentException tooShort(RulerTask task, SampleBuilder builder) {
    int least =
        tokens.applyAsInt(prompt(builder.build(builder.leastUnits()))) + task.generationLength();
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "a length of %d tokens is too short for %s, whose shortest prompt and answer take %d",
            length,
            task.label(),
            least));
  }

  private static TaskPrompt prompt(RulerSample sample) {
    TaskPrompt plain = TaskPrompt.plain(sample.prompt());
    return new TaskPrompt(plain.turns(), false, sample.answerPrefix());
  }

  private String line(RulerTask task, int index, RulerSample sample) {
    ObjectNode node = JsonLines.MAPPER.createObjectNode();
    node.put("id", task.label() + "-" + length + "-" + index);
    node.put("group", task.label());
    node.put("prompt", sample.prompt());
    node.put("answer_prefix", sample.answerPrefix());
    ArrayNode references = node.putArray("references");
    ImmutableList<String> answers = sample.answers();
    answers.forEach(references::add);
    node.put("metric", task.metric().label());
    node.put("generation_length", task.generationLength());
    node.put("length", tokens.applyAsInt(prompt(sample)) + task.generationLength());
    return node.toString();
  }
}
