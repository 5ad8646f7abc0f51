package dev.sparsed.demo;

import dev.sparsed.demo.DemoNetwork.RotaryAngles;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Asks a network in training questions that it has not seen, and wants whole answers at once. */
final class DemoExam {

  private static final int QUESTIONS = 40;
  private static final long SEED = 99;

  /** Masked tokens after a prompt. */
  private static final int ROOM = 32;

  private final DemoTexts texts;
  private final long mask;

  DemoExam(DemoTexts texts, DemoTokenizer encoding) {
    this.texts = texts;
    this.mask = encoding.specialToken(DemoTokenizer.MASK);
  }

  /** Share of questions whose answer is right to the last token, all guessed in one step. */
  double rightShare(DemoNetwork network, RotaryAngles rotary, DemoRecipe.Stage stage) {
    DemoCorpus corpus = new DemoCorpus(new Random(SEED));
    int right = 0;
    for (int i = 0; i < QUESTIONS; i++) {
      DemoCorpus.Question question = corpus.question(stage.mostFacts(), stage.mostIdleSentences());
      long[] prompt = texts.encode(DemoTokenizer.chat(question.prompt()));
      long[] answer = texts.encode(question.answer());
      right += Arrays.equals(answer(network, rotary, prompt, answer.length), answer) ? 1 : 0;
    }
    return (double) right / QUESTIONS;
  }

  @SuppressWarnings("try")
  private long[] answer(DemoNetwork network, RotaryAngles rotary, long[] prompt, int length) {
    long[] row = Arrays.copyOf(prompt, prompt.length + ROOM);
    Arrays.fill(row, prompt.length, row.length, mask);
    long[] places = new long[length];
    Arrays.setAll(places, i -> prompt.length + i);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGradient = new NoGradGuard()) {
      Tensor best =
          network
              .logits(Tensor.create(row, 1, row.length), Tensor.create(places), rotary)
              .argmax(new LongOptional(-1), false);
      long[] tokens = new long[length];
      best.data_ptr_long().get(tokens);
      return tokens;
    }
  }
}
