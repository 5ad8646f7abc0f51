package dev.sparsed.eval.accuracy;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.TaskFileException.Problem;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Solved examples that go before every task. Each line of the file is a task as {@link TaskFile}
 * reads it; its answer is {@code completion} where there is one, else the first reference (for
 * multiple choice: its letter). In a plain prompt an example and its answer are joined by a space
 * and examples by a blank line; with messages each is a user's and an assistant's turn.
 */
public final class FewShot {

  /** No examples. */
  public static final FewShot NONE = new FewShot(ImmutableList.of());

  private record Example(String question, String answer) {}

  private final ImmutableList<Example> examples;

  private FewShot(ImmutableList<Example> examples) {
    this.examples = examples;
  }

  /**
   * Reads the first examples of a file.
   *
   * @param file the file, UTF-8, one JSON object per line
   * @param shots how many to use, 1 or more
   * @return the examples
   * @throws TaskFileException if lines are malformed or too few
   * @throws IOException if the file cannot be read
   */
  public static FewShot read(Path file, int shots) throws IOException, TaskFileException {
    checkArgument(shots >= 1, "shots must be at least 1 but is %s", shots);
    ImmutableList<Example> all = JsonLines.read(file, (line, object) -> example(object));
    if (all.size() < shots) {
      throw new TaskFileException(
          file,
          ImmutableList.of(
              new Problem(
                  all.size(),
                  "is the last example, so that there are "
                      + all.size()
                      + " and not the "
                      + shots
                      + " of --shots")));
    }
    return new FewShot(all.subList(0, shots));
  }

  private static Example example(JsonNode object) {
    String question = Fields.someText(object, Fields.onlyOne(object, TaskFile.PROMPTS, "prompt"));
    ImmutableList<String> choices = Fields.choices(object);
    int choiceCount = Fields.choiceCount(object);
    String answer =
        Fields.text(object, "completion")
            .orElseGet(() -> firstReference(object, choices, choiceCount));
    return new Example(choices.isEmpty() ? question : question + Choices.render(choices), answer);
  }

  private static String firstReference(
      JsonNode object, ImmutableList<String> choices, int choiceCount) {
    String field = Fields.onlyOne(object, TaskFile.REFERENCES, "completion' or 'references");
    return choiceCount == 0
        ? Fields.texts(object, field).get(0)
        : Fields.letters(object, field, choices, choiceCount).get(0);
  }

  /**
   * Puts the examples before a task.
   *
   * @param task the task
   * @param asTurns whether prompts are rendered with a chat template, so that examples are turns
   * @return the task with the longer prompt; the same task without examples
   */
  public EvalTask before(EvalTask task, boolean asTurns) {
    if (examples.isEmpty()) {
      return task;
    }
    TaskPrompt prompt = task.prompt();
    if (prompt.gaps().isEmpty() && (asTurns || prompt.chat())) {
      ImmutableList.Builder<ChatTurn> turns = ImmutableList.builder();
      // A system message stays first.
      int systems = 0;
      while (systems < prompt.turns().size()
          && prompt.turns().get(systems).role().equals("system")) {
        turns.add(prompt.turns().get(systems++));
      }
      for (Example example : examples) {
        turns.add(new ChatTurn("user", example.question()));
        turns.add(new ChatTurn("assistant", example.answer()));
      }
      turns.addAll(prompt.turns().subList(systems, prompt.turns().size()));
      return task.withPrompt(new TaskPrompt(turns.build(), prompt.chat(), prompt.answerPrefix()));
    }
    StringBuilder text = new StringBuilder();
    for (Example example : examples) {
      text.append(example.question()).append(' ').append(example.answer()).append("\n\n");
    }
    text.append(prompt.turns().get(0).content());
    if (prompt.gaps().isPresent()) {
      return task.withPrompt(TaskPrompt.infill(text.toString()));
    }
    return task.withPrompt(
        new TaskPrompt(
            ImmutableList.of(new ChatTurn("user", text.toString())), false, prompt.answerPrefix()));
  }
}
