package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/**
 * The block scores of one checked call, and its output where one is asked for: some query blocks at
 * a time, so that memory grows with the sequence and not with its square.
 */
final class ScorePass {

  // Scores computed before they are handed over, in floats.
  private static final long SCORES_AT_ONCE = 4L << 20;

  private final InstructionSet level;
  private final int threads;
  private final AttentionCall<CpuTensor> call;
  private final ScoreRequest request;
  private final BlockGrid grid;
  private final int keyBlocks;
  private final int generationBlocks;

  ScorePass(
      InstructionSet level, int threads, AttentionCall<CpuTensor> call, ScoreRequest request) {
    this.level = level;
    this.threads = threads;
    this.call = call;
    this.request = request;
    grid = call.grid(request.blocks());
    keyBlocks = grid.keyBlocks();
    generationBlocks = request.scoresGeneration() ? keyBlocks - request.firstGenerationBlock() : 0;
  }

  void run(@Nullable CpuTensor output, Consumer<BlockScoreRow> consumer) {
    AttentionShape shape = call.shape();
    long perQueryBlock = (long) shape.batch() * shape.heads() * keyBlocks;
    int step = (int) Math.max(1, Math.min(grid.queryBlocks(), SCORES_AT_ONCE / perQueryBlock));
    try (Workspace workspace = Workspace.take()) {
      for (int from = 0; from < grid.queryBlocks(); from += step) {
        run(workspace, from, Math.min(from + step, grid.queryBlocks()), output, consumer);
      }
    } finally {
      Reference.reachabilityFence(call);
      Reference.reachabilityFence(output);
    }
  }

  /** The query blocks of a range, of all heads. */
  private void run(
      Workspace workspace,
      int from,
      int to,
      @Nullable CpuTensor output,
      Consumer<BlockScoreRow> consumer) {
    AttentionShape shape = call.shape();
    int firstToken = grid.firstQuery(from);
    int lastToken = grid.firstQuery(to - 1) + grid.queryBlockLength(to - 1);
    int rows = shape.batch() * shape.heads() * (to - from);
    workspace.reserve(
        (long) rows * keyBlocks * Float.BYTES, (long) rows * generationBlocks * Float.BYTES);
    FloatPointer scores = workspace.floats((long) rows * keyBlocks);
    FloatPointer generationScores = workspace.floats((long) rows * generationBlocks);
    AttentionParameters parameters =
        new AttentionParameters(workspace.attention(), level, threads)
            .call(call, call.query().tokens(firstToken, lastToken), (float) request.scale())
            .allBlocks(request.blocks())
            .logSumExp(null)
            .scores(
                scores,
                generationBlocks == 0 ? null : generationScores,
                request.firstGenerationBlock());
    if (output == null) {
      parameters.noOutput();
    } else {
      parameters.output(call.value(), output.tokens(firstToken, lastToken));
    }
    parameters.run();
    float[] all = new float[keyBlocks];
    float[] generation = new float[generationBlocks];
    for (int row = 0; row < rows; row++) {
      scores.position((long) row * keyBlocks).get(all);
      generationScores.position((long) row * generationBlocks).get(generation);
      int head = row / (to - from);
      int gridRow = head * grid.queryBlocks() + from + row % (to - from);
      consumer.accept(
          new BlockScoreRow(grid, gridRow, request.firstGenerationBlock(), all, generation));
    }
  }
}
