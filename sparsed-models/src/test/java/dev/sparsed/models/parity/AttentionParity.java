package dev.sparsed.models.parity;

import dev.sparsed.attention.AttentionShape;
import dev.sparsed.models.torch.HostArrays;
import dev.sparsed.models.torch.KernelAttention;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Full and block-sparse attention, block importance and patterns. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class AttentionParity {

  private static final KernelAttention BACKEND = KernelAttention.standard();

  private AttentionParity() {}

  static void attentionInputs(GoldenCase golden) {
    try (PointerScope scope = new PointerScope()) {
      Tensor output = BACKEND.dense(scoped(golden, "q"), scoped(golden, "k"), scoped(golden, "v"));
      golden.assertClose("full_output", HostArrays.toFloats(output));
    }
  }

  static void sparseAttention(GoldenCase golden) {
    GoldenCase inputs = golden.folder().caseOf(golden.text("inputs"));
    try (PointerScope scope = new PointerScope()) {
      Tensor q = scoped(inputs, "q");
      Tensor k = scoped(inputs, "k");
      Tensor v = scoped(inputs, "v");
      AttentionShape shape = BACKEND.shape(q, k);
      BlockGrid grid = shape.grid(golden.integer("block_size"));
      int last = grid.firstGenerationBlock(golden.integer("new_generation"));
      golden.assertExact("last", new int[] {last});
      ScoreRequest request =
          new ScoreRequest(
              grid.blockSize(),
              last,
              1 / golden.number("score_divisor"),
              ScoreScope.ALL_AND_GENERATION_KEYS);
      SparsePattern pattern = pattern(golden, q, k, grid, request);
      golden.assertExact("pattern", mask(pattern));
      golden.assertClose("sparse_output", HostArrays.toFloats(BACKEND.sparse(q, k, v, pattern)));
    }
  }

  private static SparsePattern pattern(
      GoldenCase golden, Tensor q, Tensor k, BlockGrid grid, ScoreRequest request) {
    int n = grid.keyBlocks();
    int tail = n - request.firstGenerationBlock();
    float area = grid.blockSize() * (float) grid.blockSize();
    float[] all = new float[grid.rows() * n];
    float[] generation = new float[grid.rows() * tail];
    PatternCollector collector =
        new PatternCollector(grid, new IsolatedTopK(golden.number("select")));
    BACKEND.scores(
        q,
        k,
        request,
        row -> {
          collector.accept(row);
          for (int j = 0; j < n; j++) {
            all[row.row() * n + j] = row.allKeys()[j] / area;
          }
          for (int j = 0; j < tail; j++) {
            generation[row.row() * tail + j] = row.generationKeys()[j] / area;
          }
        });
    golden.assertClose("importance_all", all);
    golden.assertClose("importance_tail", generation);
    return collector.finish();
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

  private static Tensor scoped(GoldenCase golden, String tensor) {
    Tensor loaded = golden.load(tensor);
    PointerScope scope = PointerScope.getInnerScope();
    scope.attach(loaded);
    loaded.releaseReference();
    return loaded;
  }
}
