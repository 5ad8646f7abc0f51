package dev.sparsed.demo;

import dev.sparsed.demo.village.Fact;
import dev.sparsed.demo.village.Village;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A question about a made-up text.
 *
 * @param text what the model is asked, the text included
 * @param question the question alone
 * @param answer what a right answer contains
 * @param blockSize tokens of a block with which sparse attention has something to leave out
 * @param generationLength tokens that hold any answer
 */
public record DemoQuestion(
    String text, String question, String answer, int blockSize, int generationLength) {

  /** Sentences of the long texts, about nine tokens each, and the facts that stand among them. */
  private static final int LONG_SENTENCES = 450;

  private static final int HALF_AS_MANY = 210;
  private static final int LONG_FACTS = 10;

  private static final long SEED = 2;

  private static final int SHORT_FACTS = 4;
  private static final int SHORT_BLOCK = 4;
  private static final int ANSWER = 32;

  /**
   * The question that shows what the embedded model can do: newcomers see it first. One of ten
   * facts is asked for that stand in a text of about 4,000 tokens.
   *
   * @return the question
   */
  public static DemoQuestion recommended() {
    return among(LONG_SENTENCES, 64);
  }

  /**
   * The same question about a text half as long, for whom a step over 4,000 tokens takes seconds.
   *
   * @return the question
   */
  public static DemoQuestion ofHalfTheLength() {
    return among(HALF_AS_MANY, 32);
  }

  private static DemoQuestion among(int count, int blockSize) {
    Village village = new Village(new Random(SEED));
    List<Fact> facts = village.facts(LONG_FACTS);
    int apart = count / LONG_FACTS;
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean told = i % apart == apart / 2;
      sentences.add(told ? facts.get(i / apart).sentence() : village.idleSentence());
    }
    Fact asked = facts.get(LONG_FACTS / 2);
    return new DemoQuestion(
        ask(String.join(" ", sentences), asked.question()),
        asked.question(),
        asked.object(),
        blockSize,
        ANSWER);
  }

  /**
   * A question about a text of four sentences.
   *
   * @return the question
   */
  public static DemoQuestion shortQuestion() {
    List<Fact> facts = new Village(new Random(SEED)).facts(SHORT_FACTS);
    Fact asked = facts.get(SHORT_FACTS / 2);
    return new DemoQuestion(
        ask(facts.stream().map(Fact::sentence).collect(Collectors.joining(" ")), asked.question()),
        asked.question(),
        asked.object(),
        SHORT_BLOCK,
        ANSWER);
  }

  /**
   * A question about a text, in the words that the embedded model knows.
   *
   * @param text what is told
   * @param question what is asked
   * @return the prompt
   */
  public static String ask(String text, String question) {
    return "Read the notes and answer the question.\n\n" + text + "\n\nQuestion: " + question;
  }
}
