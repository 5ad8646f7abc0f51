package dev.sparsed.demo.village;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/** Writes the text that inquiries are about: what it must tell, between idle sentences. */
public final class Notes {

  /** Idle sentences that are tried for the room that is left at the end. */
  private static final int LAST_TRIES = 8;

  private Notes() {}

  /**
   * The sentences of a text in the order in which they are told.
   *
   * @param inquiries what the text must tell; all of it is told, whatever the room
   * @param room how long the text may be
   * @param size the length of a sentence, in the same unit as the room
   * @param random places the sentences
   * @return the sentences; those of a {@link Inquiry.Kind#SEVERAL} stand in the order of its answer
   */
  public static List<String> write(
      List<Inquiry> inquiries, int room, ToIntFunction<String> size, Random random) {
    List<List<String>> told = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    int left = room;
    for (Inquiry inquiry : inquiries) {
      List<String> sentences = new ArrayList<>(inquiry.sentences());
      if (inquiry.kind() != Inquiry.Kind.SEVERAL) {
        Collections.shuffle(sentences, random);
      }
      for (String sentence : sentences) {
        order.add(told.size());
        left -= size.applyAsInt(sentence);
      }
      told.add(sentences);
    }
    List<String> idle = idleSentences(left, size, random);
    order.addAll(Collections.nCopies(idle.size(), told.size()));
    told.add(idle);
    Collections.shuffle(order, random);
    int[] next = new int[told.size()];
    List<String> text = new ArrayList<>();
    for (int source : order) {
      text.add(told.get(source).get(next[source]++));
    }
    return text;
  }

  private static List<String> idleSentences(int room, ToIntFunction<String> size, Random random) {
    Village village = new Village(random);
    List<String> sentences = new ArrayList<>();
    int left = room;
    for (int tries = 0; tries < LAST_TRIES; ) {
      String sentence = village.idleSentence();
      int needed = size.applyAsInt(sentence);
      if (needed <= left) {
        sentences.add(sentence);
        left -= needed;
      } else {
        tries++;
      }
    }
    return sentences;
  }
}
