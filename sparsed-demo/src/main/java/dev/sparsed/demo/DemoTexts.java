package dev.sparsed.demo;

import dev.sparsed.text.SpecialTokens;
import dev.sparsed.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes batches of the corpus' texts. */
final class DemoTexts {

  /** One chat batch in this many has answers of four times the length, most of it fill-up. */
  private static final int LONG_ANSWERS_EVERY = 5;

  private final Tokenizer tokenizer;
  private final DemoTokenizer encoding;
  private final Random random;
  private final DemoCorpus corpus;

  DemoTexts(Tokenizer tokenizer, DemoTokenizer encoding, Random random) {
    this.tokenizer = tokenizer;
    this.encoding = encoding;
    this.random = random;
    this.corpus = new DemoCorpus(random);
  }

  /** Texts that tell everything twice, with tokens masked anywhere. */
  DemoBatch retelling(DemoRecipe.Stage stage) {
    int facts = facts(stage);
    List<long[]> texts = new ArrayList<>();
    for (int i = 0; i < stage.rows(); i++) {
      texts.add(encode(corpus.twiceTold(facts)));
    }
    int length = texts.stream().mapToInt(text -> text.length).min().orElseThrow();
    List<DemoBatch.Row> rows = new ArrayList<>();
    for (long[] text : texts) {
      rows.add(new DemoBatch.Row(Arrays.copyOf(text, length), 1));
    }
    return mask(rows, 0.1, 0.5);
  }

  /** Questions with answers, with tokens masked in the answers only, often all of them. */
  DemoBatch chat(DemoRecipe.Stage stage) {
    int facts = facts(stage);
    int idle = random.nextInt(stage.mostIdleSentences() + 1);
    List<long[]> prompts = new ArrayList<>();
    List<long[]> answers = new ArrayList<>();
    for (int i = 0; i < stage.rows(); i++) {
      DemoCorpus.Question question = corpus.question(facts, idle);
      prompts.add(encode(DemoTokenizer.chat(question.prompt())));
      answers.add(encode(question.answer()));
    }
    int room =
        random.nextInt(LONG_ANSWERS_EVERY) == 0 ? 4 * stage.answerLength() : stage.answerLength();
    int length = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow() + room;
    long endOfText = encoding.specialToken(DemoTokenizer.END_OF_TEXT);
    List<DemoBatch.Row> rows = new ArrayList<>();
    for (int i = 0; i < stage.rows(); i++) {
      long[] prompt = prompts.get(i);
      long[] answer = answers.get(i);
      long[] row = Arrays.copyOf(prompt, length);
      Arrays.fill(row, prompt.length, length, endOfText);
      System.arraycopy(
          answer, 0, row, prompt.length, Math.min(length - prompt.length, answer.length));
      rows.add(new DemoBatch.Row(row, prompt.length));
    }
    return mask(rows, 0.2, 1.6);
  }

  long[] encode(String text) {
    int[] ids = tokenizer.encode(text, SpecialTokens.AS_WRITTEN);
    return Arrays.stream(ids).asLongStream().toArray();
  }

  private DemoBatch mask(List<DemoBatch.Row> rows, double lowestRate, double highestRate) {
    return DemoBatch.mask(
        rows,
        lowestRate,
        highestRate,
        encoding.specialToken(DemoTokenizer.MASK),
        encoding.specialToken(DemoTokenizer.END_OF_TEXT),
        random);
  }

  private int facts(DemoRecipe.Stage stage) {
    return stage.fewestFacts() + random.nextInt(stage.mostFacts() - stage.fewestFacts() + 1);
  }
}
