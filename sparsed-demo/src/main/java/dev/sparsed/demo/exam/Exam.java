package dev.sparsed.demo.exam;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.method.Method;
import dev.sparsed.text.Tokenizer;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToIntFunction;

/**
 * Questions about texts of the village that no training has seen, and how many of them a model
 * answers right with a method. One seed asks every method and every model with the same tokenizer
 * the same.
 *
 * @param seed of the questions; the trainings' texts have others
 * @param questions questions per task and length, 1 to 1,000,000
 * @param lengths tokens of prompt and answer's room together, at most
 * @param tasks what is asked for
 */
public record Exam(
    long seed, int questions, ImmutableList<Integer> lengths, ImmutableList<ExamTask> tasks) {

  private static final int MOST_QUESTIONS = 1_000_000;

  /**
   * Checks the counts.
   *
   * @throws IllegalArgumentException if nothing would be asked
   */
  public Exam {
    checkArgument(
        questions >= 1 && questions <= MOST_QUESTIONS,
        "questions must be 1 to %s but is %s",
        MOST_QUESTIONS,
        questions);
    checkArgument(!lengths.isEmpty() && !tasks.isEmpty(), "an exam needs lengths and tasks");
  }

  /** Learns how an exam goes. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Called after every question.
     *
     * @param question the question
     * @param answer what was answered
     * @param right whether that is right
     */
    void answered(ExamQuestion question, String answer, boolean right);
  }

  /**
   * Asks a model everything.
   *
   * @param model the model, with a tokenizer
   * @param name the method's name
   * @param method how to generate
   * @param listener learns of every answer
   * @return a cell per task and length
   * @throws IllegalArgumentException if a length has no room for a question
   */
  public ImmutableList<ExamCell> run(
      DiffusionModel model, String name, Method method, Listener listener) {
    ImmutableList.Builder<ExamCell> cells = ImmutableList.builder();
    for (ExamTask task : tasks) {
      for (int length : lengths) {
        cells.add(cell(model, name, method, task, length, listener));
      }
    }
    return cells.build();
  }

  /**
   * The questions of one cell.
   *
   * @param task what is asked for
   * @param length tokens of prompt and answer's room together, at most
   * @param room tokens that an answer is given, {@link ExamQuestion#ROOM} for most methods
   * @param tokens how many tokens a text has
   * @return the questions
   */
  public List<ExamQuestion> questions(
      ExamTask task, int length, int room, ToIntFunction<String> tokens) {
    ImmutableList.Builder<ExamQuestion> drawn = ImmutableList.builder();
    for (int i = 0; i < questions; i++) {
      long questionSeed = (seed * 1_000_003 + task.label().hashCode()) * 1_000_003 + i;
      drawn.add(ExamQuestion.draw(task, length, room, questionSeed * 31 + length, tokens));
    }
    return drawn.build();
  }

  private ExamCell cell(
      DiffusionModel model,
      String name,
      Method method,
      ExamTask task,
      int length,
      Listener listener) {
    ToIntFunction<String> tokens =
        text -> model.tokenizer().encode(text, Tokenizer.SpecialTokens.AS_WRITTEN).length;
    int correct = 0;
    long passes = 0;
    long written = 0;
    DoubleSummaryStatistics density = new DoubleSummaryStatistics();
    double seconds = 0;
    int room = model.methods().generationLength(method, ExamQuestion.ROOM);
    for (ExamQuestion question : questions(task, length, room, tokens)) {
      GenerationResult result = generate(model, method, question.prompt(), room);
      String answer = model.answer(result);
      boolean right = question.isAnsweredBy(answer);
      correct += right ? 1 : 0;
      passes += result.forwardPasses();
      written += model.chatFormat().length(result.generated(0));
      result.density().ifPresent(density);
      seconds += result.time().toNanos() / 1e9;
      listener.answered(question, answer, right);
    }
    OptionalDouble mean =
        density.getCount() == 0 ? OptionalDouble.empty() : OptionalDouble.of(density.getAverage());
    return new ExamCell(task, length, name, correct, questions, passes, written, mean, seconds);
  }

  private static GenerationResult generate(
      DiffusionModel model, Method method, String prompt, int room) {
    return model.generate(
        model
            .ask(prompt, method)
            .generationLength(room)
            .steps(room)
            .sparsity(Sparsity.ALWAYS)
            .build());
  }
}
