package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.decoding.TokenConstraint;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.qwen.FastDllmDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import dev.sparsed.select.CumulativeThreshold;
import dev.sparsed.select.SlidingWindow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;

/**
 * A request whose every part is drawn at random, and which may be one that is refused.
 *
 * @param sequences prompts or canvases
 * @param length tokens to generate
 * @param steps denoising steps
 * @param decoding how masked positions become tokens
 * @param attention when and how to attend sparsely
 * @param cache what is kept between steps
 * @param allowed tokens that a constraint allows, none for no constraint
 * @param forbidden tokens that are not written
 * @param minLength tokens before an end
 * @param end what ends a text then
 * @param seed of the random numbers
 */
record RandomRequest(
    List<Canvas> sequences,
    int length,
    int steps,
    DecodingPolicy decoding,
    AttentionPolicy attention,
    CachePolicy cache,
    Tokens allowed,
    List<Integer> forbidden,
    int minLength,
    int end,
    long seed) {

  private static final int BLOCK = 8;

  /** Tokens that every one of the miniature models has. */
  private static final int TOKENS = 80;

  /** Token ids from one to before another. */
  record Tokens(int from, int to) implements TokenConstraint {

    static final Tokens ALL = new Tokens(0, 0);

    @Override
    public Allowed begin(MaskedSequence sequence, Canvas.Gap gap, int vocabulary) {
      BitSet tokens = new BitSet();
      tokens.set(from, to);
      return position -> tokens;
    }
  }

  static RandomRequest of(Random random, ModelConfig model) {
    OptionalInt causal = model.architecture().causalBlock();
    int length = BLOCK * (1 + random.nextInt(4)) - (random.nextInt(4) == 0 ? 1 : 0);
    boolean gaps = causal.isEmpty() && random.nextInt(3) == 0;
    List<Canvas> sequences = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      sequences.add(gaps ? canvas(random, length) : Canvas.of(tokens(random, 90), length));
    }
    int from = random.nextInt(40);
    return new RandomRequest(
        sequences,
        length,
        Math.max(1, length / BLOCK) * (1 + random.nextInt(2 * BLOCK)),
        decoding(random, causal),
        attention(random),
        causal.isPresent() ? CachePolicy.none() : cache(random),
        random.nextInt(3) == 0 ? new Tokens(from, from + 3 + random.nextInt(30)) : Tokens.ALL,
        random.nextBoolean() ? List.of() : List.of(model.maskToken(), random.nextInt(TOKENS)),
        random.nextInt(4) == 0 ? random.nextInt(length + 1) : 0,
        random.nextInt(TOKENS),
        random.nextLong());
  }

  private static int[] tokens(Random random, int most) {
    return random.ints(random.nextInt(most), 0, TOKENS).toArray();
  }

  private static Canvas canvas(Random random, int length) {
    Canvas.Builder canvas = Canvas.builder().given(tokens(random, 40));
    for (int left = length; left > 0; ) {
      int gap = 1 + random.nextInt(left);
      canvas.gap(gap).given(tokens(random, 12));
      left -= gap;
    }
    return canvas.build();
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }

  private static DecodingPolicy decoding(Random random, OptionalInt causal) {
    int block = causal.orElse(BLOCK);
    double temperature = pick(random, 0.0, 0.8);
    DecodingPolicy decoding =
        switch (random.nextInt(5)) {
          case 0 ->
              new SdarDecoding(
                  pick(random, SdarDecoding.Remasking.values()),
                  random.nextDouble(),
                  temperature,
                  OptionalDouble.empty(),
                  random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(5),
                  block,
                  1 + random.nextInt(block));
          case 1 ->
              FastDllmDecoding.DEFAULT
                  .withBlocks(block, pick(random, 1, block / 2, block))
                  .withThreshold(random.nextDouble());
          case 2 ->
              new LladaDecoding(
                  pick(random, LladaDecoding.Remasking.values()),
                  temperature,
                  pick(random, 0.0, 0.7),
                  BLOCK);
          default -> dream(random, temperature);
        };
    return random.nextInt(4) == 0 && hasConfidence(decoding)
        ? new ParallelDecoding(decoding, random.nextInt(5) * 0.25)
        : decoding;
  }

  private static DreamDecoding dream(Random random, double temperature) {
    DreamDecoding dream =
        DreamDecoding.DEFAULT
            .withAlgorithm(pick(random, DreamDecoding.Algorithm.values()))
            .withTemperature(temperature)
            .withAlgorithmTemperature(pick(random, 0.0, 0.5));
    return random.nextInt(3) == 0 ? dream : dream.withBlocks(DreamDecoding.Blocks.of(BLOCK));
  }

  /** Whether its confidences can be compared with a threshold. */
  private static boolean hasConfidence(DecodingPolicy decoding) {
    try {
      return decoding.confidences().isPresent();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static CachePolicy cache(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> new PrefixCache(random.nextInt(3));
      case 1 -> new DualCache(random.nextInt(3));
      case 2 -> SparseDllm.PUBLISHED.withKeepRatio(pick(random, 0.0, 0.4, 1.0));
      case 3 -> SparseDllm.PUBLISHED.withEvicted(SparseDllm.Evicted.SUFFIX).withSinks(2);
      default -> CachePolicy.none();
    };
  }

  private static AttentionPolicy attention(Random random) {
    AttentionPolicy one = ofOneLayer(random);
    AttentionPolicy other = ofOneLayer(random);
    return random.nextInt(4) == 0
        ? AttentionPolicy.perLayer(layer -> layer % 2 == 0 ? one : other)
        : one;
  }

  private static AttentionPolicy ofOneLayer(Random random) {
    AttentionPolicy sparseD =
        AttentionPolicy.sparseD(random.nextInt(5) * 0.15, 0.3, pick(random, 4, 16, 32));
    SkipSchedule every = SkipSchedule.always(AttentionPhase.SPARSE_AND_SELECT);
    return switch (random.nextInt(5)) {
      case 0 -> AttentionPolicy.full();
      case 1 -> AttentionPolicy.fixedPattern(new SlidingWindow(1, 1), 16);
      case 2 ->
          new AttentionPolicy(
              every, new CumulativeThreshold(0.5), sparseD.blocks(), sparseD.scoreScale());
      default -> sparseD;
    };
  }

  /** The request for all sequences. */
  GenerationRequest.Builder all() {
    return of(sequences);
  }

  /** The same request for some sequences. */
  GenerationRequest.Builder of(List<Canvas> some) {
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .generationLength(length)
            .steps(steps)
            .decoding(decoding)
            .attention(attention)
            .sparsity(Sparsity.ALWAYS)
            .cache(cache)
            .seed(seed)
            .forbid(forbidden.stream().mapToInt(Integer::intValue).toArray())
            .stopAt();
    some.forEach(request::canvas);
    if (minLength > 0) {
      request.minLength(minLength, end);
    }
    return allowed.equals(Tokens.ALL) ? request : request.constraint(allowed);
  }

  /** Whether a token may stand at an index of a gap. */
  boolean allows(int index, int token) {
    return (allowed.equals(Tokens.ALL) || (token >= allowed.from() && token < allowed.to()))
        && !forbidden.contains(token)
        && (index >= minLength || token != end);
  }

  @Override
  public String toString() {
    return String.join(
        ", ",
        "sequences "
            + sequences.stream().map(each -> each.length() + " with gaps " + each.gaps()).toList(),
        length + " tokens in " + steps + " steps",
        decoding.toString(),
        attention.toString(),
        cache.toString(),
        allowed.toString(),
        "forbidden " + forbidden,
        "minLength " + minLength + " before " + end,
        "seed " + seed);
  }
}
