package dev.sparsed.demo;

import dev.sparsed.demo.village.Fact;
import dev.sparsed.demo.village.Village;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Texts the demo model learns from, and the questions it is later asked. */
final class DemoCorpus {

  private final Random random;

  DemoCorpus(Random random) {
    this.random = random;
  }

  /**
   * A question about a text, and its answer.
   *
   * @param prompt the text with the question at its end
   * @param answer the sentence of the text that answers it
   * @param keyword the word of the answer that is not in the question
   */
  record Question(String prompt, String answer, String keyword) {}

  /** A text of some facts and idle sentences with a question at its end, as users write it. */
  Question question(int facts, int idleSentences) {
    Village village = new Village(random);
    List<Fact> told = village.facts(facts);
    Fact asked = told.get(random.nextInt(facts));
    String text = text(village, told, idleSentences);
    String prompt =
        switch (random.nextInt(3)) {
          case 0 -> text + " " + asked.question();
          case 1 -> text + "\n" + asked.question();
          default ->
              "Read the notes and answer the question.\n\n"
                  + text
                  + "\n\nQuestion: "
                  + asked.question();
        };
    return new Question(prompt, asked.sentence(), asked.object());
  }

  /**
   * A text that tells each fact twice, in different order: what is masked in one place can be read
   * in the other, so that each token trains the looking-up that questions need.
   */
  String twiceTold(int facts) {
    Village village = new Village(random);
    List<Fact> told = village.facts(facts);
    return text(village, told, 0) + " " + text(village, told, 0);
  }

  private String text(Village village, List<Fact> facts, int idleSentences) {
    List<String> sentences = new ArrayList<>();
    for (Fact fact : facts) {
      sentences.add(fact.sentence());
    }
    for (int i = 0; i < idleSentences; i++) {
      sentences.add(village.idleSentence());
    }
    Collections.shuffle(sentences, random);
    return String.join(" ", sentences);
  }
}
