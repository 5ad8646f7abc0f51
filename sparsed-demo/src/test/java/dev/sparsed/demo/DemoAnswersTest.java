package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.exam.Exam;
import dev.sparsed.demo.exam.ExamCell;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Method;
import org.junit.jupiter.api.Test;

/**
 * The embedded model answers questions that it has not seen, fully and sparsely attending alike.
 */
class DemoAnswersTest {

  private static final Exam EXAM =
      new Exam(77, 4, ImmutableList.of(512), ImmutableList.copyOf(ExamTask.values()));

  private static final double WANTED_SHARE = 0.9;

  @Test
  void answersNewQuestionsWithFullAttention() {
    assertAnswers("full");
  }

  @Test
  void answersNewQuestionsWithSparseD() {
    assertAnswers("sparsed:select=0.5");
  }

  private static void assertAnswers(String method) {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      ImmutableList<ExamCell> cells =
          EXAM.run(model, method, Method.parse(method), (question, answer, right) -> {});
      int right = cells.stream().mapToInt(ExamCell::correct).sum();
      int asked = cells.stream().mapToInt(ExamCell::questions).sum();
      assertTrue(right >= WANTED_SHARE * asked, () -> right + " of " + asked + " right");
      assertTrue(cells.stream().allMatch(cell -> cell.forwardPasses() >= cell.questions()));
    }
  }
}
