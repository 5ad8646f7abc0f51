package dev.sparsed.models.decoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Against a plain loop over the same predictions, which depend on all tokens of the block. */
class EditingDecodingTest {

  private static final int VOCABULARY = 7;
  private static final int MASK = 6;

  /** A model whose logits at a position depend on what its block holds. */
  private record Model(long seed, double sharpness) {

    float[] logits(int position, int[] tokens, int start, int end) {
      long block = Arrays.hashCode(Arrays.copyOfRange(tokens, start, end));
      Random random = new Random(seed * 1_000_003 + block * 31 + position);
      float[] logits = new float[VOCABULARY];
      for (int token = 0; token < VOCABULARY; token++) {
        logits[token] = (float) (sharpness * random.nextGaussian());
      }
      return logits;
    }
  }

  /** What a run did: the tokens after each pass. */
  private static List<int[]> decoded(EditingDecoding policy, MaskedSequence sequence, Model model) {
    int steps = sequence.generationLength();
    DecodingContext context = DecodingProbe.context(policy, sequence, steps, VOCABULARY);
    Decoder decoder = context.decoder();
    List<int[]> passes = new ArrayList<>();
    int settled = 0;
    int scheduled = 0;
    while (decoder.hasNext()) {
      DecodingStep step = decoder.next();
      assertTrue(step.scheduled() >= scheduled && step.scheduled() < steps, step.toString());
      scheduled = step.scheduled();
      Positions read = decoder.begin(step, Positions.range(0, sequence.tokens().length));
      float[] values = new float[read.size() * VOCABULARY];
      for (int row = 0; row < read.size(); row++) {
        float[] logits = model.logits(read.at(row), sequence.tokens(), step.start(), step.end());
        System.arraycopy(logits, 0, values, row * VOCABULARY, VOCABULARY);
      }
      int[] before = sequence.tokens().clone();
      DecodingProbe.commit(
          decoder,
          context,
          step,
          read,
          DecodingProbe.source(values, 0, VOCABULARY, IntStream.range(0, read.size()).toArray()));
      assertArrayEquals(Arrays.copyOf(before, settled), Arrays.copyOf(sequence.tokens(), settled));
      assertTrue(decoder.settled() >= settled);
      settled = decoder.settled();
      passes.add(sequence.tokens().clone());
    }
    assertEquals(sequence.tokens().length, settled);
    return passes;
  }

  /** The rule as its description says it, pass by pass. */
  private static List<int[]> plainly(
      EditingDecoding policy, int[] canvas, List<int[]> blocks, Model model) {
    int[] tokens = canvas.clone();
    List<int[]> passes = new ArrayList<>();
    for (int[] block : blocks) {
      for (int late = 0; ; ) {
        List<Integer> masked = new ArrayList<>();
        List<Integer> held = new ArrayList<>();
        for (int position = block[0]; position < block[1]; position++) {
          (tokens[position] == MASK ? masked : held).add(position);
        }
        if (masked.isEmpty() && late++ == policy.postSteps()) {
          break;
        }
        int[] next = tokens.clone();
        int surest = -1;
        double most = 0;
        boolean sure = false;
        boolean changed = false;
        for (int position = block[0]; position < block[1]; position++) {
          float[] logits = model.logits(position, tokens, block[0], block[1]);
          int best =
              IntStream.range(0, MASK).reduce((a, b) -> logits[b] > logits[a] ? b : a).getAsInt();
          double sum = IntStream.range(0, MASK).mapToDouble(t -> Math.exp(logits[t])).sum();
          double chance = Math.exp(logits[best]) / sum;
          if (held.contains(position)) {
            if (best != tokens[position] && chance > policy.editingThreshold()) {
              next[position] = best;
              changed = true;
            }
          } else if (chance > policy.threshold()) {
            next[position] = best;
            sure = true;
          }
          if (masked.contains(position) && chance > most) {
            most = chance;
            surest = position;
          }
        }
        if (!masked.isEmpty() && !sure) {
          float[] logits = model.logits(surest, tokens, block[0], block[1]);
          next[surest] =
              IntStream.range(0, MASK).reduce((a, b) -> logits[b] > logits[a] ? b : a).getAsInt();
        }
        tokens = next;
        passes.add(tokens.clone());
        if (masked.isEmpty() && !changed) {
          break;
        }
      }
    }
    return passes;
  }

  private static void assertSame(List<int[]> expected, List<int[]> actual) {
    assertEquals(
        expected.stream().map(Arrays::toString).toList(),
        actual.stream().map(Arrays::toString).toList());
  }

  @Property(tries = 300)
  void blocksOfTheGenerationAreDecodedAsThePlainLoopDoes(
      @ForAll @IntRange(max = 5) int prompt,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 6) int length,
      @ForAll @DoubleRange(min = 0, max = 1) double threshold,
      @ForAll @DoubleRange(min = 0, max = 1) double editing,
      @ForAll @IntRange(max = 5) int postSteps,
      @ForAll long seed) {
    Model model = new Model(seed, 1.5);
    EditingDecoding policy =
        new EditingDecoding(
            LladaDecoding.DEFAULT.withBlockLength(length), threshold, editing, postSteps);
    Canvas canvas = Canvas.of(new int[prompt], blocks * length);
    List<int[]> ranges =
        IntStream.range(0, blocks)
            .mapToObj(b -> new int[] {prompt + b * length, prompt + (b + 1) * length})
            .toList();
    assertSame(
        plainly(policy, canvas.tokens(MASK), ranges, model),
        decoded(policy, new MaskedSequence(0, canvas, MASK), model));
  }

  @Property(tries = 200)
  void blocksOfTheSequenceBeginWithTheEndOfThePrompt(
      @ForAll @IntRange(max = 9) int prompt,
      @ForAll @IntRange(min = 1, max = 14) int generated,
      @ForAll @IntRange(min = 1, max = 5) int length,
      @ForAll @DoubleRange(min = 0, max = 1) double threshold,
      @ForAll @DoubleRange(min = 0, max = 0.5) double editing,
      @ForAll long seed) {
    Model model = new Model(seed, 1.5);
    EditingDecoding policy =
        new EditingDecoding(
            SdarDecoding.DEFAULT.withTemperature(0).withBlockLength(length), threshold, editing, 3);
    Canvas canvas = Canvas.of(new int[prompt], generated);
    List<int[]> ranges = new ArrayList<>();
    for (int from = prompt; from < prompt + generated; ) {
      int to = Math.min(prompt + generated, (from / length + 1) * length);
      ranges.add(new int[] {from, to});
      from = to;
    }
    assertSame(
        plainly(policy, canvas.tokens(MASK), ranges, model),
        decoded(policy, new MaskedSequence(0, canvas, MASK), model));
  }

  private static DreamDecoding dream(DreamDecoding.Algorithm algorithm) {
    return DreamDecoding.DEFAULT
        .withAlgorithm(algorithm)
        .withTemperature(0)
        .withTopK(OptionalInt.empty());
  }

  /** What it is predicted from is not fed any more, where a cache feeds the block alone. */
  @Property(tries = 100)
  void theFirstTokenOfABlockThatStartsWithItStays(
      @ForAll @IntRange(min = 1, max = 4) int length, @ForAll long seed) {
    DreamDecoding sampler =
        dream(DreamDecoding.Algorithm.MASKGIT_PLUS).withBlocks(DreamDecoding.Blocks.of(length));
    MaskedSequence sequence = new MaskedSequence(0, new int[2], 3 * length, MASK);
    List<int[]> passes =
        decoded(new EditingDecoding(sampler, 0.5, 0, 3), sequence, new Model(seed, 1.5));
    for (int first = 2; first < sequence.tokens().length; first += length) {
      int held = MASK;
      for (int[] pass : passes) {
        assertTrue(held == MASK || pass[first] == held, Arrays.toString(pass));
        held = pass[first];
      }
    }
  }

  /** The sampler says the negative entropy, which is below every threshold as it stands. */
  @Example
  void entropyCountsAsAConfidenceBetween0And1() {
    MaskedSequence sequence = new MaskedSequence(0, new int[2], 8, MASK);
    EditingDecoding policy = new EditingDecoding(dream(DreamDecoding.Algorithm.ENTROPY), 0, 0, 3);
    List<int[]> passes = decoded(policy, sequence, new Model(5, 1.5));
    assertTrue(Arrays.stream(passes.get(0)).noneMatch(token -> token == MASK));
    assertFalse(Arrays.equals(passes.get(0), passes.get(1)));
  }

  /** It would never end otherwise: a step that reads nothing decides nothing. */
  @Example
  void aFilledBlockOfWhichACacheFeedsNothingIsLeft() {
    EditingDecoding policy =
        new EditingDecoding(LladaDecoding.DEFAULT.withBlockLength(4), 0, 0.5, 3);
    MaskedSequence sequence = new MaskedSequence(0, new int[2], 4, MASK);
    DecodingContext context = DecodingProbe.context(policy, sequence, 4, VOCABULARY);
    Decoder decoder = context.decoder();
    DecodingStep step = decoder.next();
    Positions read = decoder.begin(step, Positions.range(0, 6));
    DecodingProbe.commit(
        decoder,
        context,
        step,
        read,
        DecodingProbe.source(new float[VOCABULARY], 0, VOCABULARY, new int[4]));
    assertTrue(decoder.hasNext());
    assertTrue(decoder.begin(decoder.next(), Positions.none()).isEmpty());
    assertFalse(decoder.hasNext());
    assertEquals(6, decoder.settled());
  }

  /** Nothing is ever surer than 1, so that nothing changes. */
  @Example
  void withoutCorrectionsItIsDecodingByAThreshold() {
    Model model = new Model(3, 2);
    LladaDecoding sampler = LladaDecoding.DEFAULT.withBlockLength(8);
    MaskedSequence sequence = new MaskedSequence(0, new int[4], 16, MASK);
    List<int[]> passes = decoded(new EditingDecoding(sampler, 0.9, 1, 0), sequence, model);
    for (int pass = 1; pass < passes.size(); pass++) {
      for (int position = 0; position < 20; position++) {
        int before = passes.get(pass - 1)[position];
        assertTrue(before == MASK || before == passes.get(pass)[position]);
      }
    }
  }

  @Example
  void refusesWhatMakesNoSense() {
    LladaDecoding sampler = LladaDecoding.DEFAULT.withBlockLength(8);
    assertEquals(new EditingDecoding(sampler, 0.95, 0.9, 16), EditingDecoding.published(sampler));
    assertThrows(IllegalArgumentException.class, () -> new EditingDecoding(sampler, -0.1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new EditingDecoding(sampler, 1, 1.1, 1));
    assertThrows(IllegalArgumentException.class, () -> new EditingDecoding(sampler, 1, 1, -1));
    DreamDecoding random = DreamDecoding.DEFAULT.withAlgorithm(DreamDecoding.Algorithm.ORIGIN);
    assertThrows(IllegalArgumentException.class, () -> EditingDecoding.published(random));
    EditingDecoding nested = EditingDecoding.published(sampler);
    assertThrows(IllegalArgumentException.class, () -> EditingDecoding.published(nested));
    assertThrows(IllegalArgumentException.class, () -> nested.check(12, 12));
    assertEquals(OptionalInt.of(8), nested.tokensPerBlock());
  }
}
