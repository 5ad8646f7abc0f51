package dev.sparsed.demo;

import dev.sparsed.demo.village.Fact;
import dev.sparsed.demo.village.Village;
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

  /** A village of whose four facts the embedded model can look up the asked one. */
  private static final long SHORT_SEED = 2;

  private static final int SHORT_FACTS = 4;
  private static final int SHORT_BLOCK = 4;
  private static final int SHORT_ANSWER = 32;

  /**
   * The question that shows what the embedded model can do: newcomers see it first.
   *
   * @return the question
   */
  public static DemoQuestion recommended() {
    return shortQuestion();
  }

  /**
   * A question about a text of four sentences.
   *
   * @return the question
   */
  public static DemoQuestion shortQuestion() {
    List<Fact> facts = new Village(new Random(SHORT_SEED)).facts(SHORT_FACTS);
    Fact asked = facts.get(SHORT_FACTS / 2);
    return new DemoQuestion(
        ask(facts.stream().map(Fact::sentence).collect(Collectors.joining(" ")), asked.question()),
        asked.question(),
        asked.object(),
        SHORT_BLOCK,
        SHORT_ANSWER);
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
