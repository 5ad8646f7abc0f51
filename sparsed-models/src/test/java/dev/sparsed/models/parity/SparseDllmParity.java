package dev.sparsed.models.parity;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.cache.CacheUse;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DreamAlgorithm;
import dev.sparsed.models.decoding.DreamBlocks;
import dev.sparsed.models.decoding.DreamDecoding;
import dev.sparsed.models.decoding.LladaDecoding;
import dev.sparsed.models.decoding.Remasking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Generations with Sparse-dLLM: tokens after every step, what is kept and how important it is. */
final class SparseDllmParity {

  private SparseDllmParity() {}

  static void llada(GoldenCase golden, DiffusionModel model) {
    LladaDecoding decoding =
        new LladaDecoding(
            Remasking.of(golden.text("remasking")),
            golden.number("temperature"),
            0,
            golden.integer("block_length"));
    compare(golden, model, decoding, golden.integer("gen_length"));
  }

  static void dream(GoldenCase golden, DiffusionModel model) {
    DreamDecoding decoding =
        new DreamDecoding(
                DreamAlgorithm.of(golden.text("alg")),
                golden.number("temperature"),
                golden.optionalNumber("top_p"),
                golden.optionalInteger("top_k"),
                golden.number("alg_temp"),
                golden.number("eps"))
            .withBlocks(DreamBlocks.of(golden.integer("block_length")));
    compare(golden, model, decoding, golden.integer("max_new_tokens"));
  }

  private static void compare(
      GoldenCase golden, DiffusionModel model, DecodingPolicy decoding, int generationLength) {
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
            .build();
    Seen seen = new Seen(model.config().maskToken(), generationLength);
    GenerationResult result = model.generate(request, seen);

    String run = run(golden, Ints.concat(seen.history.toArray(int[][]::new)));
    golden.assertExact("final" + run, result.sequences().get(0).toArray());
    golden.assertExact("committed", Ints.toArray(seen.committed));
    golden.assertExact("cache_states", Ints.toArray(seen.uses));
    int layers = model.config().layers();
    golden.assertClose(
        "importance" + run,
        Floats.concat(seen.importance.subList(0, layers).toArray(float[][]::new)));
    compareKept(golden, run, seen);
    golden.assertThat(result.cache().orElseThrow().peakBytes() > 0, "the cache holds memory");
  }

  /**
   * Which of the documented runs this is: ties at the border of what is kept may be broken both
   * ways.
   */
  private static String run(GoldenCase golden, int[] history) {
    boolean plain = Arrays.equals(golden.ints("history"), history);
    golden.ints("final");
    golden.floats("importance");
    golden.ints("keep_indices");
    if (!golden.has("history_low")) {
      golden.assertExact("history", history);
      return "";
    }
    golden.ints("history_low");
    golden.ints("final_low");
    golden.floats("importance_low");
    golden.ints("keep_indices_low");
    if (plain) {
      return "";
    }
    golden.assertExact("history_low", history);
    return "_low";
  }

  /** The published number of a cache state. */
  static int state(CacheUse use) {
    return switch (use) {
      case BYPASSED -> 0;
      case FILLED -> 1;
      case READ -> 2;
    };
  }

  private static void compareKept(GoldenCase golden, String run, Seen seen) {
    int[] expected = golden.ints("keep_indices" + run);
    int[] ties = golden.ints("boundary_ties");
    int count = expected.length / seen.kept.size();
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
    private final List<int[]> history = new ArrayList<>();
    private final List<Integer> committed = new ArrayList<>();
    private final List<Integer> uses = new ArrayList<>();
    private final List<float[]> importance = new ArrayList<>();
    private final List<int[]> kept = new ArrayList<>();
    private int open;

    Seen(int mask, int generationLength) {
      this.mask = mask;
      this.generationLength = generationLength;
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
      return Reaction.CONTINUE;
    }

    @Override
    public void onEviction(int sequence, int step, int layer, float[] values, int[] indices) {
      importance.add(values);
      kept.add(indices);
    }
  }
}
