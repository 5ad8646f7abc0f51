package dev.sparsed.models.family.qwen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyGoldens;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Qwen-like models against an independent implementation; {@code goldens-qwen/make.py} is it. */
class QwenGoldensTest {

  private static final FamilyGoldens GOLDENS = FamilyGoldens.of("goldens-qwen");

  private static DiffusionModel load(String name) {
    return GOLDENS.load(name);
  }

  @TestFactory
  Stream<DynamicTest> everyCaseOfTheManifest() throws IOException {
    return GOLDENS.cases();
  }

  /** Everything that Dream and LLaDA do: a cache that drops nothing and a pattern of everything. */
  @ParameterizedTest
  @ValueSource(strings = {"a2d-qwen2", "a2d-qwen3", "a2d-qwen3-biased", "open-dllm"})
  void cachesAndPatternsCompose(String name) {
    try (DiffusionModel model = load(name)) {
      DecodingPolicy decoding =
          name.equals("open-dllm")
              ? ((DreamDecoding) model.defaultDecoding(16)).withBlocks(DreamDecoding.Blocks.of(8))
              : LladaDecoding.DEFAULT.withBlockLength(8);
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompt(IntStream.range(1, 30).toArray())
              .generationLength(16)
              .steps(16)
              .decoding(decoding)
              .stopAt();
      int[] dense = model.generate(request.attention(AttentionPolicy.full()).build()).generated(0);
      request.sparsity(Sparsity.ALWAYS).attention(AttentionPolicy.sparseD(0.1, 0.99, 4));
      assertArrayEquals(dense, model.generate(request.build()).generated(0));
      CachePolicy kept = SparseDllm.PUBLISHED.withKeepRatio(1).withDelay(5);
      assertEquals(16, model.generate(request.cache(kept).build()).generated(0).length);
      request.attention(AttentionPolicy.sparseD(0.2, 0.3, 4)).cache(CachePolicy.dual());
      assertEquals(16, model.generate(request.build()).generated(0).length);
    }
  }

  /** The prompt once, then each block by itself, and once more together with the next. */
  @Test
  void finishedBlocksAreNeverComputedAgain() {
    try (DiffusionModel model = load("sdar")) {
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompt(IntStream.range(1, 42).toArray())
              .generationLength(8)
              .decoding(SdarDecoding.DEFAULT.withTemperature(0))
              .stopAt();
      GenerationResult result = model.generate(request.build());
      assertFalse(result.sparsity().sparse());
      assertTrue(result.cache().orElseThrow().cachedPasses() > 0, result.toString());
      assertThrows(
          IllegalArgumentException.class,
          () -> model.generate(request.cache(CachePolicy.prefix()).build()));
      // Its steps decode whole blocks, so that there is no rest of a block to keep.
      assertEquals(
          result.sequences(),
          model.generate(request.cache(CachePolicy.dual()).build()).sequences());
    }
  }

  /** The first step of a block chooses among the keys before it, once per layer and block. */
  @Test
  void blocksChooseWhatTheyReadOfTheirPrefix() {
    try (DiffusionModel model = load("sdar")) {
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompt(IntStream.range(1, 42).toArray())
              .generationLength(15)
              .decoding(SdarDecoding.DEFAULT.withTemperature(0))
              .stopAt();
      int[] dense = model.generate(request.attention(AttentionPolicy.full()).build()).generated(0);
      request.sparsity(Sparsity.ALWAYS).attention(AttentionPolicy.sparseD(0, 0.99, 4));
      assertArrayEquals(dense, model.generate(request.build()).generated(0));
      request.attention(AttentionPolicy.sparseD(0, 0.2, 4));
      List<BlockGrid> grids = new ArrayList<>();
      GenerationListener listener =
          new GenerationListener() {
            @Override
            public Reaction onStep(GenerationProgress progress) {
              return Reaction.CONTINUE;
            }

            @Override
            public void onPattern(
                int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
              SparsePattern chosen = pattern.get();
              BlockGrid grid = chosen.grid();
              grids.add(grid);
              assertTrue(chosen.density() < 0.6, "density " + chosen.density());
              for (int head = 0; head < grid.heads(); head++) {
                assertTrue(chosen.contains(grid.row(0, head, 0), grid.keyBlocks() - 1));
              }
            }
          };
      GenerationResult result = model.generate(request.build(), listener);
      assertTrue(result.sparsity().sparse());
      assertTrue(result.phases().containsKey(AttentionPhase.SPARSE), result.toString());
      // The blocks from 40 to 56 end with these keys; the first step is skipped as its schedule
      // says.
      List<Integer> ends = grids.stream().map(BlockGrid::keyLength).distinct().toList();
      assertEquals(List.of(44, 48, 52, 56), ends);
      assertEquals(2 * ends.size(), grids.size(), "a pattern per layer and block");
      request.keepPatterns();
      assertThrows(IllegalArgumentException.class, () -> model.generate(request.build()));
    }
  }

  /** A block's first token comes from the block before it, for which its own is not fed. */
  @Test
  void smallBlocksAreDecodedOneAfterTheOther() {
    try (DiffusionModel model = load("fast-dllm")) {
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompt(IntStream.range(1, 33).toArray())
              .generationLength(24)
              .stopAt();
      List<int[]> decided = new ArrayList<>();
      GenerationListener listener =
          new GenerationListener() {
            @Override
            public Reaction onStep(GenerationProgress progress) {
              decided.add(progress.decided().get(0));
              return Reaction.CONTINUE;
            }
          };
      assertEquals(FastDllmDecoding.DEFAULT.withBlocks(8, 8), model.defaultDecoding(24));
      request.decoding(FastDllmDecoding.DEFAULT.withBlocks(8, 4).withThreshold(0));
      GenerationResult result = model.generate(request.build(), listener);
      assertEquals(
          List.of("[32]", "[33, 34, 35]", "[36, 37, 38, 39]"),
          decided.subList(0, 3).stream().map(Arrays::toString).toList());
      assertEquals(9, result.completedSteps());
      request.decoding(FastDllmDecoding.DEFAULT.withBlocks(8, 4).withThreshold(0.5));
      int[] dense = model.generate(request.build()).generated(0);
      request.sparsity(Sparsity.ALWAYS).attention(AttentionPolicy.sparseD(0.1, 0.99, 8));
      GenerationResult sparse = model.generate(request.build());
      assertTrue(sparse.phases().containsKey(AttentionPhase.SPARSE), sparse.toString());
      assertArrayEquals(dense, sparse.generated(0));
      assertThrows(
          IllegalArgumentException.class, () -> FastDllmDecoding.DEFAULT.withBlocks(32, 5));
      request.cache(CachePolicy.dual());
      int[] kept = model.generate(request.attention(AttentionPolicy.full()).build()).generated(0);
      for (int size : new int[] {3, 4, 8}) {
        request.attention(AttentionPolicy.sparseD(0.1, 0.99, size));
        assertArrayEquals(kept, model.generate(request.build()).generated(0), "blocks of " + size);
      }
      // The last of these steps of a small block would feed it alone.
      request.attention(AttentionPolicy.full()).cache(new DualCache(5));
      assertArrayEquals(dense, model.generate(request.build()).generated(0));
    }
  }

  @Test
  void defaultsAreThoseOfThePublishedCode() {
    try (Checkpoint a2d = Checkpoint.open(GOLDENS.folder().resolve("a2d-qwen3"));
        Checkpoint open = Checkpoint.open(GOLDENS.folder().resolve("open-dllm"))) {
      assertEquals(List.of(), a2d.verify());
      assertEquals(
          LladaDecoding.DEFAULT.withBlockLength(128).withCounts(LladaDecoding.CommitCounts.ROUNDED),
          a2d.generationConfig().decoding().ofCheckpoint(256, CachePolicy.none()));
      DreamDecoding entropy =
          (DreamDecoding) open.generationConfig().decoding().ofCheckpoint(256, CachePolicy.none());
      assertEquals(DreamDecoding.Algorithm.ENTROPY, entropy.algorithm());
      assertEquals(0, entropy.temperature());
    }
  }
}
