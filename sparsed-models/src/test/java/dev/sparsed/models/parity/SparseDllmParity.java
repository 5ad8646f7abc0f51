package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.internal.transformer.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Generations with Sparse-dLLM: tokens after every step, what is kept and how important it is. */
final class SparseDllmParity {

  private SparseDllmParity() {}

  static void llada(GoldenCase golden, DiffusionModel model, Transformer transformer) {
    LladaDecoding decoding =
        new LladaDecoding(
            LladaDecoding.Remasking.of(golden.text("remasking")),
            golden.number("temperature"),
            0,
            golden.integer("block_length"));
    compare(golden, model, transformer, decoding, golden.integer("gen_length"));
  }

  static void dream(GoldenCase golden, DiffusionModel model, Transformer transformer) {
    DreamDecoding decoding =
        new DreamDecoding(
                DreamDecoding.Algorithm.of(golden.text("alg")),
                golden.number("temperature"),
                golden.optionalNumber("top_p"),
                golden.optionalInteger("top_k"),
                golden.number("alg_temp", 0),
                golden.number("eps"))
            .withBlocks(
                new DreamDecoding.Blocks(
                    golden.integer("block_length"),
                    DreamDecoding.Blocks.SingleStep.COMMITS_FIRST_TOKEN));
    compare(golden, model, transformer, decoding, golden.integer("max_new_tokens"));
  }

  private static void compare(
      GoldenCase golden,
      DiffusionModel model,
      Transformer transformer,
      DecodingPolicy decoding,
      int generationLength) {
    int block = golden.integer("block_length");
    assertEquals(
        block,
        golden.optionalInteger("block_len").orElse(block),
        "block_len, the cache's block, must be block_length, the decoding's: here both are one");
    SparseDllm cache =
        SparseDllm.PUBLISHED
            .withKeepRatio(golden.number("keep_ratio"))
            .withKernelSize(golden.optionalInteger("kernel_size").orElse(1));
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt(golden.ints("prompt"))
            .generationLength(generationLength)
            .steps(golden.integer("steps"))
            .decoding(decoding)
            .cache(cache)
            .stopAt()
            .build();
    Seen seen =
        new Seen(
            model.config().maskToken(),
            generationLength,
            new SkippedFilling(
                transformer,
                cache,
                BlockSteps.of(
                    golden.ints("prompt").length,
                    generationLength,
                    OptionalInt.of(block),
                    golden.integer("steps"))));
    GenerationResult result = model.generate(request, seen);

    String run = run(golden, Ints.concat(seen.history.toArray(int[][]::new)));
    golden.assertExact("final" + run, Ints.toArray(result.sequences().get(0)));
    golden.assertExact("committed", Ints.toArray(seen.committed));
    golden.assertExact("cache_states", Ints.toArray(seen.uses));
    // With one step per block no cache is filled, and there is nothing to compare.
    golden.assertThat(
        golden.has("keep_indices") != seen.kept.isEmpty(), "tokens are kept, or none are chosen");
    if (golden.has("keep_indices")) {
      int layers = model.config().architecture().layers();
      golden.assertClose(
          "importance" + run,
          Floats.concat(seen.importance.subList(0, layers).toArray(float[][]::new)));
      compareKept(golden, run, seen);
    }
    golden.assertThat(
        result.cache().orElseThrow().peakBytes() > 0 == seen.filled, "a filled cache holds memory");
  }

  /**
   * Which of the documented runs this is: ties at the border of what is kept may be broken both
   * ways.
   */
  private static String run(GoldenCase golden, int[] history) {
    boolean plain = Arrays.equals(golden.ints("history"), history);
    if (!golden.has("history_low")) {
      golden.assertExact("history", history);
      return "";
    }
    // The tensors of the run that this is not count as read.
    for (String name : List.of("history", "final", "importance", "keep_indices")) {
      golden.floats(name);
      golden.floats(name + "_low");
    }
    if (plain) {
      return "";
    }
    golden.assertExact("history_low", history);
    return "_low";
  }

  /** The published number of a cache state. */
  static int state(CachePlan.CacheUse use) {
    return switch (use) {
      case BYPASSED -> 0;
      case FILLED -> 1;
      case READ -> 2;
    };
  }

  private static void compareKept(GoldenCase golden, String run, Seen seen) {
    int[] expected = golden.ints("keep_indices" + run);
    int[] ties = golden.ints("boundary_ties");
    long[] shape = golden.shape("keep_indices");
    assertEquals(shape[0] * shape[1], seen.kept.size(), "blocks times layers that choose tokens");
    int count = (int) shape[2];
    for (int i = 0; i < seen.kept.size(); i++) {
      int[] kept = seen.kept.get(i);
      float[] importance = seen.importance.get(i);
      golden.assertThat(kept.length == count && ties[i * 3 + 2] == count, "number of kept tokens");
      float border = Float.POSITIVE_INFINITY;
      for (int index : kept) {
        border = Math.min(border, importance[index]);
      }
      float least = border;
      int[] other = Arrays.copyOfRange(expected, i * count, (i + 1) * count);
      golden.assertThat(
          difference(kept, other).allMatch(index -> importance[index] == least)
              && difference(other, kept).allMatch(index -> importance[index] == least),
          "layer and block " + i + " keep other tokens than equally important ones");
    }
  }

  private static IntStream difference(int[] a, int[] b) {
    return Arrays.stream(a).filter(index -> !Ints.contains(b, index));
  }

  /** What the listener saw. */
  private static final class Seen implements GenerationListener {

    private final int mask;
    private final int generationLength;
    private final SkippedFilling skipped;
    private final List<int[]> history = new ArrayList<>();
    private final List<Integer> committed = new ArrayList<>();
    private final List<Integer> uses = new ArrayList<>();
    private final List<float[]> importance = new ArrayList<>();
    private final List<int[]> kept = new ArrayList<>();
    private int open;
    private boolean filled;

    Seen(int mask, int generationLength, SkippedFilling skipped) {
      this.mask = mask;
      this.generationLength = generationLength;
      this.skipped = skipped;
      this.open = generationLength;
    }

    @Override
    public Reaction onStep(GenerationProgress progress) {
      int[] tokens = progress.sequences().get(0);
      int[] generated = Arrays.copyOfRange(tokens, tokens.length - generationLength, tokens.length);
      history.add(generated);
      int stillOpen = (int) Arrays.stream(generated).filter(token -> token == mask).count();
      committed.add(open - stillOpen);
      open = stillOpen;
      uses.add(state(progress.cache()));
      if (progress.cache() == CachePlan.CacheUse.FILLED && !progress.ran()) {
        skipped.run(
            progress.step(),
            tokens,
            (layer, values, indices) -> {
              importance.add(values);
              kept.add(indices);
            });
      }
      return Reaction.CONTINUE;
    }

    @Override
    public void onEviction(int sequence, int step, int layer, float[] values, int[] indices) {
      filled = true;
      importance.add(values);
      kept.add(indices);
    }
  }
}
