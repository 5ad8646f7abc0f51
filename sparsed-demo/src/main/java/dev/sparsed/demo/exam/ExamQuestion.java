package dev.sparsed.demo.exam;

import dev.sparsed.demo.village.Inquiry;
import dev.sparsed.demo.village.Notes;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * A question of the exam.
 *
 * @param task what is asked for
 * @param length tokens of the text, the question and the answer's room together, at most
 * @param prompt the text with the question at its end, as users write it
 * @param answer the sentences that answer it
 */
public record ExamQuestion(ExamTask task, int length, String prompt, String answer) {

  /** Tokens that an answer is given, if the method has no blocks that are longer. */
  public static final int ROOM = 32;

  /** Tokens of what the chat template puts around a prompt, at most. */
  private static final int TEMPLATE = 8;

  private static final String START = "Read the notes and answer the question.\n\n";

  /**
   * A question drawn from a seed.
   *
   * @param task what is asked for
   * @param length tokens of prompt and answer's room together, at most
   * @param room tokens that the answer is given, {@link #ROOM} for most methods
   * @param seed of everything that is random; the same gives the same question
   * @param tokens how many tokens a text has
   * @return the question, whose text is as long as fits
   * @throws IllegalArgumentException if the length has no room for what must be told
   */
  public static ExamQuestion draw(
      ExamTask task, int length, int room, long seed, ToIntFunction<String> tokens) {
    Random random = new Random(seed);
    List<Inquiry> told = task.inquiries(random);
    Inquiry asked = told.get(0);
    String end = "\n\nQuestion: " + asked.question();
    int left = length - room - TEMPLATE - tokens.applyAsInt(START) - tokens.applyAsInt(end);
    int needed =
        told.stream()
            .flatMap(inquiry -> inquiry.sentences().stream())
            .mapToInt(sentence -> tokens.applyAsInt(" " + sentence))
            .sum();
    if (needed > left) {
      throw new IllegalArgumentException(
          "a question of "
              + task.label()
              + " does not fit into "
              + length
              + " tokens; it needs "
              + (length + needed - left));
    }
    List<String> text =
        Notes.write(told, left, sentence -> tokens.applyAsInt(" " + sentence), random);
    return new ExamQuestion(task, length, START + String.join(" ", text) + end, asked.answer());
  }

  /**
   * Whether a text answers the question: the answer's sentences to the last letter. Where several
   * facts about one subject are asked for, any order of them is right.
   *
   * @param text what was answered
   * @return true if it is right
   */
  public boolean isAnsweredBy(String text) {
    return task == ExamTask.MULTI_VALUE
        ? Arrays.equals(sorted(text), sorted(answer))
        : text.strip().equals(answer);
  }

  private static String[] sorted(String sentences) {
    String[] parts = sentences.strip().split("(?<=\\.) ", -1);
    Arrays.sort(parts);
    return parts;
  }
}
