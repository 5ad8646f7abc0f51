package dev.sparsed.demo;

import dev.sparsed.demo.DemoBatch.Row;
import dev.sparsed.demo.DemoBatch.Span;
import dev.sparsed.demo.village.Inquiries;
import dev.sparsed.demo.village.Inquiry;
import dev.sparsed.demo.village.Notes;
import dev.sparsed.demo.village.Relation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Makes rows of tokens that hold a text without a question, as it is given for infilling. Every
 * fact is told twice, and one of the two tellings may be masked, so that the other says what
 * belongs there. Of idle sentences some may be masked, too: of these the right words cannot be
 * known, only which are likely.
 */
final class GappedTexts {

  /** One idle sentence in this many may be masked. */
  private static final int IDLE_EVERY = 8;

  private final Function<String, long[]> encode;
  private final long endOfText;

  /**
   * A source of texts.
   *
   * @param encode gives a sentence's tokens
   * @param endOfText fills up what no sentence is short enough for
   */
  GappedTexts(Function<String, long[]> encode, long endOfText) {
    this.encode = encode;
    this.endOfText = endOfText;
  }

  /** A row of so many tokens as a stage wants it. */
  Row row(DemoRecipe.Stage stage, int length, Random random) {
    Inquiries source = new Inquiries(random);
    double share = stage.leastTold() + (stage.mostTold() - stage.leastTold()) * random.nextDouble();
    double left = share * length;
    List<Inquiry> told = new ArrayList<>();
    while (source.has(1)) {
      Inquiry fact =
          source.single(
              random.nextDouble() < stage.numbers() ? Relation.HOLDS : source.anyComparable());
      left -= 2 * size(fact.answer());
      if (left < 0 && !told.isEmpty()) {
        break;
      }
      told.add(fact);
      told.add(fact);
    }
    return row(Notes.write(told, length, this::size, random), told, length, random);
  }

  private Row row(List<String> sentences, List<Inquiry> told, int length, Random random) {
    // Which telling of a fact may be masked, counted down.
    Map<String, Integer> hidden = new HashMap<>();
    told.forEach(fact -> hidden.put(fact.answer(), random.nextInt(2)));
    long[] tokens = new long[length];
    Arrays.fill(tokens, endOfText);
    List<Span> gaps = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < sentences.size(); i++) {
      String sentence = sentences.get(i);
      // The first has a blank that it does without, so that all fit as they were measured.
      long[] piece = encode.apply(i == 0 ? sentence : " " + sentence);
      System.arraycopy(piece, 0, tokens, at, piece.length);
      Integer before = hidden.computeIfPresent(sentence, (fact, tellings) -> tellings - 1);
      boolean masked = before == null ? random.nextInt(IDLE_EVERY) == 0 : before == -1;
      if (masked) {
        gaps.add(new Span(at, at + piece.length));
      }
      at += piece.length;
    }
    if (at < length) {
      gaps.add(new Span(at, length));
    }
    return new Row(tokens, LongStream.range(0, length).toArray(), gaps);
  }

  private int size(String sentence) {
    return encode.apply(" " + sentence).length;
  }
}
