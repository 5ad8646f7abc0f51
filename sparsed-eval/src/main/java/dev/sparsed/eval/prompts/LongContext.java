package dev.sparsed.eval.prompts;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.DemoQuestion;
import dev.sparsed.demo.village.Fact;
import dev.sparsed.demo.village.Village;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Questions about a made-up text. The text tells facts between sentences of no use; the question at
 * the end asks for one of the facts. The same length and tokenizer give the same prompt.
 */
public final class LongContext {

  private static final long SEED = 2509_24014;

  private static final int LONG_FACTS = 100;
  private static final int SENTENCES_PER_PARAGRAPH = 12;

  /** Words that most tokenizers have as one token, to fill up the last few tokens. */
  private static final ImmutableList<String> FILLERS = ImmutableList.of(" and", " on", " .", ".");

  private LongContext() {}

  /**
   * A short question.
   *
   * @return the prompt
   */
  public static Prompt shortQuestion() {
    DemoQuestion question = DemoQuestion.shortQuestion();
    return new Prompt(question.text(), Optional.of(question.answer()));
  }

  /**
   * A question about a text of a wanted length.
   *
   * @param length tokens of the whole prompt as {@code tokens} counts them
   * @param tokens counts tokens; longer texts must not have fewer
   * @return the longest prompt that has not more than {@code length} tokens; it has exactly that
   *     many unless the tokenizer has no way to fill the last few
   * @throws IllegalArgumentException if the question alone is longer
   */
  public static Prompt question(int length, TokenCount tokens) {
    Village village = new Village(new Random(SEED));
    Fact asked = village.facts(1).get(0);
    checkArgument(
        tokens.of(prompt(asked.sentence(), asked).text()) <= length,
        "a question cannot be asked in %s tokens",
        length);
    // A sentence has several tokens; so many are certainly enough.
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < length / 3 + 2; i++) {
      sentences.add(village.idleSentence());
    }
    hide(village, largest(sentences, asked, length, tokens), sentences);
    int count = largest(sentences, asked, length, tokens);
    return fillUp(sentences.subList(0, count), asked, length, tokens);
  }

  /** Puts facts evenly among the first {@code count} sentences, the asked one about the middle. */
  private static void hide(Village village, int count, List<String> sentences) {
    int total = Math.max(1, Math.min(LONG_FACTS, count / 4));
    List<Fact> facts = new ArrayList<>(village.facts(total));
    Collections.swap(facts, 0, total / 2);
    for (int i = 0; i < total; i++) {
      sentences.set((int) ((i + 0.5) * count / total), facts.get(i).sentence());
    }
  }

  private static int largest(List<String> sentences, Fact asked, int length, TokenCount tokens) {
    int fits = 0;
    int tooMany = sentences.size() + 1;
    while (tooMany - fits > 1) {
      int middle = (fits + tooMany) >>> 1;
      if (tokens.of(prompt(text(sentences.subList(0, middle)), asked).text()) <= length) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return fits;
  }

  private static Prompt fillUp(List<String> sentences, Fact asked, int length, TokenCount tokens) {
    String text = text(sentences);
    Prompt best = prompt(text, asked);
    int reached = tokens.of(best.text());
    boolean grew = true;
    while (reached < length && grew) {
      grew = false;
      for (String filler : FILLERS) {
        Prompt longer = prompt(text + filler, asked);
        int count = tokens.of(longer.text());
        if (count > reached && count <= length) {
          text = text + filler;
          best = longer;
          reached = count;
          grew = true;
          break;
        }
      }
    }
    return best;
  }

  private static String text(List<String> sentences) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < sentences.size(); i++) {
      if (i > 0) {
        text.append(i % SENTENCES_PER_PARAGRAPH == 0 ? "\n" : " ");
      }
      text.append(sentences.get(i));
    }
    return text.toString();
  }

  private static Prompt prompt(String text, Fact asked) {
    return new Prompt(DemoQuestion.ask(text, asked.question()), Optional.of(asked.object()));
  }
}
