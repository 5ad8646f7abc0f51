package dev.sparsed.demo;

import dev.sparsed.demo.DemoBatch.Row;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.demo.village.Inquiry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The texts of a training: those of each step, and questions that no step asks. They follow from
 * the recipe and the number of the step alone. Needs no LibTorch.
 */
final class TextSource {

  private static final long EXAM_SEED = 9_999_991;

  private final DemoRecipe recipe;
  private final DemoTokenizer encoding;
  private final DemoTexts texts;

  TextSource(DemoRecipe recipe) {
    this.recipe = recipe;
    this.encoding = DemoTokenizer.learn(recipe.seed());
    this.texts = new DemoTexts(encoding);
  }

  DemoTokenizer encoding() {
    return encoding;
  }

  /** The batch of a step, counted from 0. */
  DemoBatch batch(DemoRecipe.Stage stage, int step) {
    // Neighbouring seeds of a Random begin alike, which would draw nearly the same lengths.
    long seed = new SplittableRandom(recipe.seed() * 1_000_003 + step).nextLong();
    Random random = new Random(seed);
    int length = stage.length(random);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < Math.max(1, stage.tokens() / length); i++) {
      rows.add(texts.row(stage, length, random));
    }
    return DemoBatch.mask(rows, encoding, random);
  }

  /** Questions as the exam asks them, each at the end of a text of exactly the length. */
  List<Row> questions(ExamTask task, int length, int count) {
    Random random = new Random(EXAM_SEED + task.label().hashCode() + length);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Inquiry> told = task.inquiries(random);
      rows.add(texts.row(told, told.subList(0, 1), length, DemoTexts.ROOM, 0, random));
    }
    return rows;
  }
}
