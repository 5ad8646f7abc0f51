package dev.sparsed.models.parity;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Full and block-sparse attention, block importance and patterns. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class AttentionParity {

  private static final KernelAttention BACKEND = KernelAttention.standard();

  private AttentionParity() {}

  static void attentionInputs(GoldenCase golden) {
    try (PointerScope scope = new PointerScope()) {
      Tensor output = BACKEND.dense(call(golden));
      golden.assertClose("full_output", HostArrays.toFloats(output));
    }
  }

  static void sparseAttention(GoldenCase golden) {
    GoldenCase inputs = golden.folder().caseOf(golden.text("inputs"));
    try (PointerScope scope = new PointerScope()) {
      AttentionCall<Tensor> call = call(inputs);
      BlockGrid grid = call.grid(golden.integer("block_size"));
      int last = grid.firstGenerationBlock(golden.integer("new_generation"));
      golden.assertExact("last", new int[] {last});
      ScoreRequest request =
          new ScoreRequest(
              grid.blockSize(),
              last,
              1 / golden.number("score_divisor"),
              ScoreScope.ALL_AND_GENERATION_KEYS);
      SparsePattern pattern = pattern(golden, call, grid, request);
      golden.assertExact("pattern", mask(pattern));
      golden.assertClose("sparse_output", HostArrays.toFloats(BACKEND.sparse(call, pattern)));
    }
  }

  private static SparsePattern pattern(
      GoldenCase golden, AttentionCall<Tensor> call, BlockGrid grid, ScoreRequest request) {
    int n = grid.keyBlocks();
    int ofGeneration = n - request.firstGenerationBlock();
    float area = grid.blockSize() * (float) grid.blockSize();
    float[] all = new float[grid.rows() * n];
    float[] generation = new float[grid.rows() * ofGeneration];
    Selection selection = Selection.of(grid, request, new IsolatedTopK(golden.number("select")));
    SparsePattern pattern =
        selection.byScores(
            consumer ->
                BACKEND.scores(
                    call,
                    request,
                    row -> {
                      consumer.accept(row);
                      for (int j = 0; j < n; j++) {
                        all[row.row() * n + j] = row.allKeys()[j] / area;
                      }
                      for (int j = 0; j < ofGeneration; j++) {
                        generation[row.row() * ofGeneration + j] = row.generationKeys()[j] / area;
                      }
                    }));
    golden.assertClose("importance_all", all);
    golden.assertClose("importance_tail", generation);
    return pattern;
  }

  /** One number per cell, 1 where the pattern holds the block. */
  static int[] mask(SparsePattern pattern) {
    BlockGrid grid = pattern.grid();
    int[] mask = new int[grid.rows() * grid.keyBlocks()];
    for (int cell = 0; cell < mask.length; cell++) {
      mask[cell] = pattern.contains(cell / grid.keyBlocks(), cell % grid.keyBlocks()) ? 1 : 0;
    }
    return mask;
  }

  private static AttentionCall<Tensor> call(GoldenCase golden) {
    return BACKEND.call(scoped(golden, "q"), scoped(golden, "k"), scoped(golden, "v"));
  }

  private static Tensor scoped(GoldenCase golden, String tensor) {
    Tensor loaded = golden.load(tensor);
    PointerScope scope = PointerScope.getInnerScope();
    scope.attach(loaded);
    loaded.releaseReference();
    return loaded;
  }
}
