package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;

/**
 * One task of a task file.
 *
 * @param line its line in the file, from 1
 * @param id its name, unique in the file
 * @param group the group whose scores are averaged together
 * @param prompt what is asked
 * @param references the right answers, for multiple choice the letters of the right choices; what
 *     several of them mean is the metric's matter
 * @param metric how an answer is scored
 * @param choices the texts of the choices; empty where there are none or where the prompt already
 *     lists them
 * @param choiceCount how many choices there are, 0 for none
 * @param generationLength tokens to generate, where the task says so
 */
public record EvalTask(
    int line,
    String id,
    String group,
    TaskPrompt prompt,
    ImmutableList<String> references,
    Metric metric,
    ImmutableList<String> choices,
    int choiceCount,
    OptionalInt generationLength) {

  /**
   * The same task with another prompt.
   *
   * @param newPrompt what is asked
   * @return the changed task
   */
  public EvalTask withPrompt(TaskPrompt newPrompt) {
    return new EvalTask(
        line, id, group, newPrompt, references, metric, choices, choiceCount, generationLength);
  }
}
