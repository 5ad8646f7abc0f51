package dev.sparsed.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Laws of attention that hold whatever the implementation; the oracle must obey them. */
final class AttentionLawsTest {

  private final ReferenceBackend backend = new ReferenceBackend();

  /** Sizes and inputs drawn from a seed. */
  private static final class Draw {
    final Random random;
    final int batch;
    final int kvHeads;
    final int heads;
    final int d;
    final BlockShape blocks;
    final int length;
    final FloatTensor query;
    final FloatTensor key;
    final FloatTensor value;

    Draw(long seed, boolean wholeBlocks) {
      random = new Random(seed);
      batch = 1 + random.nextInt(2);
      kvHeads = 1 + random.nextInt(2);
      heads = kvHeads * (1 + random.nextInt(3));
      d = 1 + random.nextInt(8);
      int q = 1 + random.nextInt(6);
      int k = random.nextBoolean() ? q : 1 + random.nextInt(6);
      blocks = new BlockShape(q, k);
      length = wholeBlocks ? k * (1 + random.nextInt(6)) : 1 + random.nextInt(30);
      query = TestTensors.normal(random, batch, heads, length, d);
      key = TestTensors.normal(random, batch, kvHeads, length, d);
      value = TestTensors.normal(random, batch, kvHeads, length, d);
    }

    AttentionCall<FloatTensor> call() {
      return AttentionCall.of(FloatTensor.READER, query, key, value);
    }

    BlockGrid grid() {
      return new BlockGrid(batch, heads, length, length, blocks);
    }

    SparsePattern pattern() {
      SparsePatternBuilder builder = SparsePattern.builder(grid());
      for (int row = 0; row < grid().rows(); row++) {
        builder.set(row, random.nextInt(grid().keyBlocks()));
        builder.set(row, random.nextInt(grid().keyBlocks()));
      }
      return builder.build();
    }
  }

  @Property(tries = 100)
  void aDensePatternIsFullAttention(@ForAll long seed) {
    Draw in = new Draw(seed, false);
    TestTensors.assertClose(
        backend.dense(in.call()),
        backend.sparse(in.call(), SparsePattern.dense(in.grid())),
        1e-6,
        seed);
  }

  /** Sparse attention is full attention over the tokens that are left. */
  @Property(tries = 100)
  void unselectedTokensMayAsWellNotBeThere(@ForAll long seed) {
    Draw in = new Draw(seed, false);
    SparsePattern pattern = in.pattern();
    FloatTensor output = backend.sparse(in.call(), pattern);
    for (int row = 0; row < in.grid().rows(); row++) {
      int queryBlock = row % in.grid().queryBlocks();
      int from = in.grid().firstQuery(queryBlock);
      int to = from + in.grid().queryBlockLength(queryBlock);
      int[] tokens =
          Arrays.stream(pattern.keyBlocks(row))
              .flatMap(
                  j ->
                      IntStream.range(
                          in.grid().firstKey(j),
                          in.grid().firstKey(j) + in.grid().keyBlockLength(j)))
              .toArray();
      FloatTensor alone =
          backend.dense(
              backend.call(
                  TestTensors.tokens(in.query, from, to),
                  gather(in.key, tokens),
                  gather(in.value, tokens)));
      int head = row / in.grid().queryBlocks() % in.heads;
      int item = row / in.grid().queryBlocks() / in.heads;
      for (int token = from; token < to; token++) {
        int whole = output.offset(item, head, token);
        int part = alone.offset(item, head, token - from);
        for (int i = 0; i < in.d; i++) {
          assertEquals(output.data()[whole + i], alone.data()[part + i], 1e-6);
        }
      }
    }
  }

  @Property(tries = 100)
  void permutingKeysWithTheirBlocksChangesNothing(@ForAll long seed) {
    Draw in = new Draw(seed, true);
    int n = in.grid().keyBlocks();
    int k = in.blocks.keyTokens();
    List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    Collections.shuffle(order, in.random);
    int[] tokens = order.stream().flatMapToInt(j -> IntStream.range(j * k, (j + 1) * k)).toArray();
    FloatTensor key = gather(in.key, tokens);
    FloatTensor value = gather(in.value, tokens);
    SparsePattern pattern = in.pattern();
    SparsePatternBuilder permuted = SparsePattern.builder(in.grid());
    for (int row = 0; row < in.grid().rows(); row++) {
      for (int block : pattern.keyBlocks(row)) {
        permuted.set(row, order.indexOf(block));
      }
    }
    TestTensors.assertClose(
        backend.sparse(in.call(), pattern),
        backend.sparse(backend.call(in.query, key, value), permuted.build()),
        1e-6,
        seed);
    ScoreRequest request = new ScoreRequest(in.blocks, 0, 0.7, ScoreScope.ALL_KEYS);
    float[][] scores = scores(in.query, in.key, request);
    float[][] permutedScores = scores(in.query, key, request);
    for (int row = 0; row < scores.length; row++) {
      for (int j = 0; j < n; j++) {
        assertEquals(scores[row][order.get(j)], permutedScores[row][j], 1e-5);
      }
    }
  }

  @Property(tries = 100)
  void sharedHeadsEqualRepeatedHeads(@ForAll long seed) {
    Draw in = new Draw(seed, false);
    FloatTensor key = repeatHeads(in.key, in.heads / in.kvHeads);
    FloatTensor value = repeatHeads(in.value, in.heads / in.kvHeads);
    assertArrayEquals(
        backend.dense(backend.call(in.query, key, value)).data(), backend.dense(in.call()).data());
    SparsePattern pattern = in.pattern();
    assertArrayEquals(
        backend.sparse(backend.call(in.query, key, value), pattern).data(),
        backend.sparse(in.call(), pattern).data());
    IsolatedTopK selector = new IsolatedTopK(0.4);
    ScoreRequest request =
        new ScoreRequest(in.blocks, in.grid().keyBlocks() / 2, 0.5, selector.scope());
    assertEquals(
        backend.select(backend.call(in.query, key, value), request, selector).pattern(),
        backend.select(in.call(), request, selector).pattern());
  }

  /** A row's probabilities sum to one, so its block's scores sum to its number of tokens. */
  @Property(tries = 100)
  void scoresShareOutEveryQuerysAttention(@ForAll long seed) {
    Draw in = new Draw(seed, false);
    BlockGrid grid = in.grid();
    int m = in.random.nextInt(grid.keyBlocks());
    ScoreRequest request = new ScoreRequest(in.blocks, m, 1.3, ScoreScope.ALL_AND_GENERATION_KEYS);
    backend.scores(
        in.call(),
        request,
        row -> {
          int tokens = grid.queryBlockLength(row.queryBlock());
          assertEquals(tokens, sum(row.allKeys()), 1e-4);
          assertEquals(tokens, sum(row.generationKeys()), 1e-4);
          assertEquals(grid.row(row.batchItem(), row.head(), row.queryBlock()), row.row());
        });
  }

  /** The generation's scores are those of a sequence that has no prompt. */
  @Property(tries = 100)
  void generationScoresKnowNoPrompt(@ForAll long seed) {
    Draw in = new Draw(seed, false);
    int m = in.random.nextInt(in.grid().keyBlocks());
    FloatTensor generation = TestTensors.tokens(in.key, in.grid().firstKey(m), in.length);
    ScoreRequest request = new ScoreRequest(in.blocks, m, 0.9, ScoreScope.ALL_AND_GENERATION_KEYS);
    ScoreRequest alone = new ScoreRequest(in.blocks, 0, 0.9, ScoreScope.ALL_KEYS);
    float[][] expected = scores(in.query, generation, alone);
    backend.scores(
        in.call(),
        request,
        row -> assertArrayEquals(expected[row.row()], row.generationKeys(), 1e-5f));
  }

  @Example
  void attentionOfOneTokenIsItsValue() {
    FloatTensor one = FloatTensor.of(new float[] {1, -2, 3}, 1, 1, 1, 3);
    assertArrayEquals(one.data(), backend.dense(backend.call(one, one, one)).data());
  }

  /** Two keys whose logits differ by ln 3: weights 3/4 and 1/4. */
  @Example
  void weightsAreTheSoftmaxOfTheScaledProducts() {
    float logit = (float) (Math.log(3) * Math.sqrt(4));
    FloatTensor query = FloatTensor.of(new float[] {1, 0, 0, 0}, 1, 1, 1, 4);
    FloatTensor key = FloatTensor.of(new float[] {logit, 9, 9, 9, 0, 5, 5, 5}, 1, 1, 2, 4);
    FloatTensor value = FloatTensor.of(new float[] {4, 8, 0, 0, 0, 0, 4, 8}, 1, 1, 2, 4);
    assertArrayEquals(
        new float[] {3, 6, 1, 2}, backend.dense(backend.call(query, key, value)).data(), 1e-6f);
  }

  private float[][] scores(FloatTensor query, FloatTensor key, ScoreRequest request) {
    AttentionCall<FloatTensor> call = backend.call(query, key, key);
    float[][] scores = new float[call.grid(request.blocks()).rows()][];
    backend.scores(call, request, row -> scores[row.row()] = row.allKeys().clone());
    return scores;
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static FloatTensor gather(FloatTensor tensor, int[] tokens) {
    int d = tensor.headDimension();
    FloatTensor gathered = FloatTensor.zeros(tensor.batch(), tensor.heads(), tokens.length, d);
    for (int item = 0; item < tensor.batch(); item++) {
      for (int head = 0; head < tensor.heads(); head++) {
        for (int t = 0; t < tokens.length; t++) {
          System.arraycopy(
              tensor.data(),
              tensor.offset(item, head, tokens[t]),
              gathered.data(),
              gathered.offset(item, head, t),
              d);
        }
      }
    }
    return gathered;
  }

  private static FloatTensor repeatHeads(FloatTensor tensor, int times) {
    int d = tensor.headDimension();
    FloatTensor repeated =
        FloatTensor.zeros(tensor.batch(), tensor.heads() * times, tensor.length(), d);
    for (int item = 0; item < tensor.batch(); item++) {
      for (int head = 0; head < repeated.heads(); head++) {
        System.arraycopy(
            tensor.data(),
            tensor.offset(item, head / times, 0),
            repeated.data(),
            repeated.offset(item, head, 0),
            tensor.length() * d);
      }
    }
    return repeated;
  }
}
