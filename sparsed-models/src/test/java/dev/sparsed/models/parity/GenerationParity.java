package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.SessionAttention;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Whole generations: tokens after every step, patterns, logits. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class GenerationParity {

  private GenerationParity() {}

  static void dream(GoldenCase golden, DiffusionModel model, Transformer transformer) {
    DreamDecoding decoding =
        new DreamDecoding(
            DreamDecoding.Algorithm.of(golden.text("alg")),
            golden.number("temperature"),
            golden.optionalNumber("top_p"),
            golden.optionalInteger("top_k"),
            golden.number("alg_temp", 0),
            golden.number("eps"));
    compare(golden, model, transformer, decoding, golden.integer("max_new_tokens"));
  }

  static void llada(GoldenCase golden, DiffusionModel model, Transformer transformer) {
    LladaDecoding decoding =
        new LladaDecoding(
            LladaDecoding.Remasking.of(golden.text("remasking")),
            golden.number("temperature"),
            golden.number("cfg_scale", 0),
            golden.integer("block_length"));
    compare(golden, model, transformer, decoding, golden.integer("gen_length"));
  }

  private static void compare(
      GoldenCase golden,
      DiffusionModel model,
      Transformer transformer,
      DecodingPolicy decoding,
      int generationLength) {
    Optional<AttentionPolicy> sparseD = sparseD(golden, generationLength);
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompts(prompts(golden))
            .generationLength(generationLength)
            .steps(golden.integer("steps"))
            .decoding(decoding)
            .attention(sparseD.orElseGet(AttentionPolicy::full))
            .sparsity(Sparsity.ALWAYS)
            .keepPatterns()
            .stopAt();
    History history = new History(model.config().maskToken(), generationLength);
    GenerationResult result = model.generate(request.build(), history);
    int mask = model.config().maskToken();
    assertEquals(
        mask,
        golden.optionalInteger("mask_token_id").orElseGet(() -> golden.integer("mask_id")),
        "mask token");
    golden.assertExact("history", Ints.concat(history.steps.toArray(int[][]::new)));
    golden.assertExact("final", finalTokens(golden, result));
    golden.assertExact("committed", Ints.toArray(history.committed));
    if (golden.has("pattern")) {
      comparePatterns(golden, result, generationLength);
    } else {
      golden.assertThat(
          result.patterns().stream().allMatch(List::isEmpty), "there should be no pattern");
    }
    if (golden.has("logits_first_sparse_step")) {
      compareLogits(golden, transformer, sparseD.orElseThrow(), result, history);
    }
  }

  private static Optional<AttentionPolicy> sparseD(GoldenCase golden, int generationLength) {
    JsonNode sparsed = golden.parameters().path("sparsed");
    if (!sparsed.isObject()) {
      return Optional.empty();
    }
    assumeSameGeneration(golden, sparsed, generationLength);
    AttentionPolicy policy =
        AttentionPolicy.sparseD(
            sparsed.path("skip").doubleValue(),
            sparsed.path("select").doubleValue(),
            sparsed.path("block_size").intValue());
    return Optional.of(
        new AttentionPolicy(
            schedule(golden, sparsed, policy.schedule()),
            policy.selector(),
            policy.blockSize(),
            policy.scoreScale()));
  }

  /** The published code is told the generation's length a second time, for SparseD alone. */
  private static void assumeSameGeneration(
      GoldenCase golden, JsonNode sparsed, int generationLength) {
    int told = sparsed.path("new_generation").asInt(generationLength);
    int block = sparsed.path("block_size").intValue();
    int length = (int) golden.shape("final")[1];
    BlockGrid grid = new BlockGrid(1, 1, length, length, block);
    assumeTrue(
        grid.firstGenerationBlock(told) == grid.firstGenerationBlock(generationLength),
        () ->
            String.format(
                Locale.ROOT,
                "%s: SparseD is told that %d tokens are generated, but %d are; here it takes the latter",
                golden.id(),
                told,
                generationLength));
  }

  /** The schedule over {@code whole_steps}, which need not be the steps that are run. */
  private static SkipSchedule schedule(GoldenCase golden, JsonNode sparsed, SkipSchedule schedule) {
    int steps = golden.integer("steps");
    int whole = sparsed.path("whole_steps").asInt(steps);
    int end = (int) Math.floor(whole * sparsed.path("skip").doubleValue()) + 1;
    assertEquals(end, sparsed.path("end_time").asInt(end), golden.id() + ": end_time");
    SkipSchedule pinned =
        (step, total) -> step < whole ? schedule.phase(step, whole) : phase(step, end);
    for (int step = 0; step < steps; step++) {
      assertEquals(phase(step, end), pinned.phase(step, steps), golden.id() + ": step " + step);
    }
    return pinned;
  }

  private static AttentionPhase phase(int step, int end) {
    if (step < end) {
      return AttentionPhase.FULL;
    }
    return step == end ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE;
  }

  /** Prompts [B, length] without their padding. */
  private static List<int[]> prompts(GoldenCase golden) {
    long[] shape = golden.shape("prompt");
    int length = (int) shape[1];
    int[] tokens = golden.ints("prompt");
    int[] attended = attended(golden, tokens.length);
    List<int[]> prompts = new ArrayList<>();
    for (int row = 0; row < shape[0]; row++) {
      prompts.add(
          IntStream.range(row * length, (row + 1) * length)
              .filter(i -> attended[i] != 0)
              .map(i -> tokens[i])
              .toArray());
    }
    return prompts;
  }

  private static int[] attended(GoldenCase golden, int tokens) {
    if (golden.has("attention_mask")) {
      return golden.ints("attention_mask");
    }
    int[] all = new int[tokens];
    Arrays.fill(all, 1);
    return all;
  }

  /** Final sequences, the golden data's padding put before ours. */
  private static int[] finalTokens(GoldenCase golden, GenerationResult result) {
    int length = (int) golden.shape("final")[1];
    int[] expected = golden.ints("final");
    int[] actual = new int[result.sequences().size() * length];
    for (int row = 0; row < result.sequences().size(); row++) {
      int[] tokens = Ints.toArray(result.sequences().get(row));
      int padding = length - tokens.length;
      System.arraycopy(expected, row * length, actual, row * length, padding);
      System.arraycopy(tokens, 0, actual, row * length + padding, tokens.length);
    }
    return actual;
  }

  /** Golden patterns are [layers, B, H, query blocks, key blocks]. */
  private static void comparePatterns(
      GoldenCase golden, GenerationResult result, int generationLength) {
    int layers = (int) golden.shape("pattern")[0];
    List<int[]> masks = new ArrayList<>();
    int[] last = new int[layers];
    for (int layer = 0; layer < layers; layer++) {
      for (List<SparsePattern> patterns : result.patterns()) {
        SparsePattern pattern = patterns.get(layer);
        masks.add(AttentionParity.mask(pattern));
        last[layer] = pattern.grid().firstGenerationBlock(generationLength);
      }
    }
    golden.assertExact("pattern", Ints.concat(masks.toArray(int[][]::new)));
    golden.assertExact("last", last);
  }

  /** Raw logits of each sequence's last positions in the step after that of the patterns. */
  private static void compareLogits(
      GoldenCase golden,
      Transformer transformer,
      AttentionPolicy policy,
      GenerationResult result,
      History history) {
    long[] shape = golden.shape("logits_first_sparse_step");
    int rows = (int) shape[shape.length - 2];
    int selectStep = history.phases.indexOf(AttentionPhase.FULL_AND_SELECT);
    AttentionPolicy sparse =
        new AttentionPolicy(
            SkipSchedule.always(AttentionPhase.SPARSE),
            policy.selector(),
            policy.blockSize(),
            policy.scoreScale());
    List<float[]> logits = new ArrayList<>();
    for (int row = 0; row < result.patterns().size(); row++) {
      int[] tokens = history.sequences.get(selectStep).get(row);
      logits.add(lastLogits(transformer, sparse, result.patterns().get(row), tokens, rows));
    }
    golden.assertClose("logits_first_sparse_step", Floats.concat(logits.toArray(float[][]::new)));
  }

  private static float[] lastLogits(
      Transformer transformer,
      AttentionPolicy sparse,
      List<SparsePattern> patterns,
      int[] tokens,
      int rows) {
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session =
            new SparseAttention<>(KernelAttention.standard(), sparse, patterns.size(), 1, 0)) {
      session.beginStep(0);
      for (int layer = 0; layer < patterns.size(); layer++) {
        session.usePattern(layer, patterns.get(layer));
      }
      Tensor hidden =
          transformer.hiddenRows(
              tokens,
              Positions.range(0, tokens.length),
              new SessionAttention(session),
              IntStream.range(tokens.length - rows, tokens.length).toArray(),
              ForwardObserver.NONE);
      return HostArrays.toFloats(transformer.logits(hidden));
    }
  }

  /** What the listener saw. */
  private static final class History implements GenerationListener {

    private final int mask;
    private final int generationLength;
    private final List<int[]> steps = new ArrayList<>();
    private final List<List<int[]>> sequences = new ArrayList<>();
    private final List<Integer> committed = new ArrayList<>();
    private final List<AttentionPhase> phases = new ArrayList<>();
    private int open;

    History(int mask, int generationLength) {
      this.mask = mask;
      this.generationLength = generationLength;
      this.open = generationLength;
    }

    @Override
    public Reaction onStep(GenerationProgress progress) {
      for (int[] tokens : progress.sequences()) {
        steps.add(Arrays.copyOfRange(tokens, tokens.length - generationLength, tokens.length));
      }
      int[] first = progress.sequences().get(0);
      sequences.add(progress.sequences().stream().map(int[]::clone).toList());
      phases.add(progress.phase());
      int stillOpen =
          (int)
              Arrays.stream(first)
                  .skip(first.length - generationLength)
                  .filter(token -> token == mask)
                  .count();
      committed.add(open - stillOpen);
      open = stillOpen;
      return Reaction.CONTINUE;
    }
  }
}
