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
import java.util.stream.LongStream;

/**
 * Makes rows of tokens: a text, then questions about it with their answers, of exactly the length
 * that is wanted. A row with many questions teaches as much as many rows with one.
 */
final class DemoTexts {

  /** Masked tokens that an answer is given when a model is asked. */
  static final int ROOM = 32;

  /** As many as a model is given that is asked without saying how many. */
  private static final int LARGE_ROOM = 128;

  /** The room has at most one token of a row in this many. */
  private static final int LARGEST_ROOM_SHARE = 4;

  /** One text in this many tells facts of one kind only. */
  private static final int ALIKE_EVERY = 3;

  /** One fact in this many is told and not asked about. */
  private static final int UNASKED_EVERY = 5;

  /** Tokens of a row that are neither text nor questions and answers, at most. */
  private static final int FRAME_TOKENS = 40;

  /** Subjects of one inquiry at most. */
  private static final int MOST_SUBJECTS = 3;

  private static final int SENTENCES_PER_PARAGRAPH = 12;

  private final DemoTokenizer encoding;
  private final long endOfText;
  private final Map<String, long[]> encoded = new HashMap<>();
  private final GappedTexts gapped;

  DemoTexts(DemoTokenizer encoding) {
    this.encoding = encoding;
    this.endOfText = encoding.specialToken(DemoTokenizer.END_OF_TEXT);
    this.gapped = new GappedTexts(this::encode, endOfText);
  }

  /** How the text and its first question are put to the model. */
  private enum Frame {
    SPACE("", " "),
    LINE("", "\n"),
    NOTES("Read the notes and answer the question.\n\n", "\n\nQuestion: ");

    private final String start;
    private final String beforeQuestion;

    Frame(String start, String beforeQuestion) {
      this.start = start;
      this.beforeQuestion = beforeQuestion;
    }
  }

  /** A row as a stage wants it. */
  Row row(DemoRecipe.Stage stage, int length, Random random) {
    // Draws nothing where there are no gaps, so that a recipe without them has the same texts.
    if (stage.gaps() > 0 && random.nextDouble() < stage.gaps()) {
      return gapped.row(stage, length, random);
    }
    Inquiries source = new Inquiries(random);
    double drawn = random.nextDouble();
    // The square: little is told more often than much, which counts for long texts.
    double share = stage.leastTold() + (stage.mostTold() - stage.leastTold()) * drawn * drawn;
    double left = Math.min(share * length, length - FRAME_TOKENS - length / LARGEST_ROOM_SHARE);
    boolean alike = random.nextInt(ALIKE_EVERY) == 0;
    Relation kind = kind(stage, source, random);
    List<Inquiry> told = new ArrayList<>();
    List<Inquiry> asked = new ArrayList<>();
    while (true) {
      Inquiry inquiry = draw(stage, source, alike ? kind : kind(stage, source, random), random);
      boolean ask = asked.isEmpty() || random.nextInt(UNASKED_EVERY) > 0;
      left -= size(inquiry) + (ask ? turnSize(inquiry) : 0);
      if (left < 0 && !asked.isEmpty()) {
        return row(told, asked, length, fill(length, random), stage.stretched(), random);
      }
      told.add(inquiry);
      if (ask) {
        asked.add(inquiry);
      }
      if (!source.has(MOST_SUBJECTS)) {
        return row(told, asked, length, fill(length, random), stage.stretched(), random);
      }
    }
  }

  /** The kind of fact of a question about one. */
  private static Relation kind(DemoRecipe.Stage stage, Inquiries source, Random random) {
    double single = 1 - stage.several() - stage.chains();
    return random.nextDouble() * single < stage.numbers() ? Relation.HOLDS : source.anyComparable();
  }

  private static Inquiry draw(
      DemoRecipe.Stage stage, Inquiries source, Relation wanted, Random random) {
    double drawn = random.nextDouble();
    if (drawn < stage.several()) {
      return source.several(2 + random.nextInt(2));
    }
    if (drawn < stage.several() + stage.chains()) {
      Relation relation = wanted == Relation.HOLDS ? source.anyComparable() : wanted;
      return source.chain(relation, 2);
    }
    return source.single(wanted);
  }

  /**
   * A row that tells some things and asks about others of them, the last answer filled up with
   * end-of-text tokens.
   *
   * @param room tokens of the last answer with what fills it up, at least
   * @param stretched how likely positions are left out between its sentences
   */
  Row row(
      List<Inquiry> told,
      List<Inquiry> asked,
      int length,
      int room,
      double stretched,
      Random random) {
    Frame frame = Frame.values()[random.nextInt(Frame.values().length)];
    boolean paragraphs = random.nextBoolean();
    List<long[]> turns = new ArrayList<>();
    List<Integer> rooms = new ArrayList<>();
    int needed = 0;
    for (int i = 0; i < asked.size(); i++) {
      String before = i == 0 ? frame.beforeQuestion : DemoTokenizer.USER;
      long[] answer = answer(asked.get(i));
      int answerRoom = answer.length + 1;
      if (i == asked.size() - 1) {
        answerRoom = Math.max(answerRoom, room);
      }
      long[] question = question(before, asked.get(i));
      long[] turn = Arrays.copyOf(question, question.length + answerRoom);
      Arrays.fill(turn, question.length, turn.length, endOfText);
      put(answer, turn, question.length);
      turns.add(turn);
      rooms.add(answerRoom);
      needed += turn.length;
    }
    long[] start = encode(DemoTokenizer.USER + frame.start);
    int left = length - needed - start.length;
    int breaks = paragraphs ? left / 50 : 0;
    List<String> sentences =
        Notes.write(told, left - breaks, sentence -> encode(" " + sentence).length, random);
    long[] row = new long[length];
    Arrays.fill(row, endOfText);
    int at = put(start, row, 0);
    List<Integer> firsts = new ArrayList<>();
    for (int i = 0; i < sentences.size(); i++) {
      String separator = i == 0 ? "" : paragraphs && i % SENTENCES_PER_PARAGRAPH == 0 ? "\n" : " ";
      firsts.add(at);
      at = put(encode(separator + sentences.get(i)), row, at);
    }
    List<Span> answers = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      at = put(turns.get(i), row, at);
      answers.add(new Span(at - rooms.get(i), at));
    }
    answers.set(answers.size() - 1, new Span(answers.get(answers.size() - 1).first(), length));
    boolean stretch = random.nextDouble() < stretched;
    return new Row(row, stretch ? positions(length, firsts, random) : range(length), answers);
  }

  /** Tokens of the last answer with what fills it up, at least. */
  private static int fill(int length, Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> Math.min(LARGE_ROOM, length / LARGEST_ROOM_SHARE);
      case 1, 2 -> 1 + random.nextInt(8);
      default -> ROOM;
    };
  }

  /** Positions with gaps before sentences, which are these tokens' first. */
  private static long[] positions(int length, List<Integer> firsts, Random random) {
    long[] gaps = new long[length];
    int leftOut = (int) ((DemoShape.MOST_POSITIONS - length) * random.nextDouble());
    // A few gaps are long, and others there are none.
    int cuts = 1 + random.nextInt(firsts.size());
    int[] bounds = random.ints(cuts - 1, 0, leftOut + 1).sorted().toArray();
    for (int i = 0; i < cuts; i++) {
      int from = i == 0 ? 0 : bounds[i - 1];
      int to = i == cuts - 1 ? leftOut : bounds[i];
      gaps[firsts.get(random.nextInt(firsts.size()))] += to - from;
    }
    long[] positions = new long[length];
    long at = -1;
    for (int i = 0; i < length; i++) {
      at += 1 + gaps[i];
      positions[i] = at;
    }
    return positions;
  }

  private static long[] range(int length) {
    return LongStream.range(0, length).toArray();
  }

  /** A question with what stands before it, up to where the answer begins. */
  private long[] question(String before, Inquiry inquiry) {
    return encode(
        before + inquiry.question() + DemoTokenizer.END_OF_TURN + DemoTokenizer.ASSISTANT);
  }

  /** An answer's tokens, put together from its sentences', of which there are fewer. */
  private long[] answer(Inquiry inquiry) {
    List<String> sentences = inquiry.sentences();
    LongStream tokens = LongStream.empty();
    for (int i = 0; i < sentences.size(); i++) {
      String sentence = i == 0 ? sentences.get(i) : " " + sentences.get(i);
      tokens = LongStream.concat(tokens, Arrays.stream(encode(sentence)));
    }
    return tokens.toArray();
  }

  /** Tokens of a turn with one end-of-text token. */
  private int turnSize(Inquiry inquiry) {
    return question(DemoTokenizer.USER, inquiry).length + answer(inquiry).length + 1;
  }

  private int size(Inquiry inquiry) {
    return inquiry.sentences().stream().mapToInt(s -> encode(" " + s).length).sum();
  }

  private static int put(long[] piece, long[] row, int at) {
    System.arraycopy(piece, 0, row, at, piece.length);
    return at + piece.length;
  }

  /** Tokens of a sentence with what stands before it: there are not many, and they come often. */
  private long[] encode(String sentence) {
    return encoded.computeIfAbsent(sentence, encoding::tokens);
  }
}
