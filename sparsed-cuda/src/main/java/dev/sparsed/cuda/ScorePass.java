package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.select.ScoreRequest;
import org.jspecify.annotations.Nullable;

/**
 * Scratch memory and launches of one scoring: log-sum-exps of all rows, then scores for as many
 * heads at a time as fit a bounded piece of device memory.
 */
final class ScorePass implements AutoCloseable {

  private static final long SCORE_BYTES = 256L << 20;

  private final DeviceQueue queue;
  private final AttentionCall<DeviceTensor> call;
  private final ScoreRequest request;
  private final BlockGrid grid;
  private final int headsAtOnce;
  private final Allocations scratch;
  private final long logSumExp;
  private final long generationLogSumExp;
  private final long scores;
  private final long generationScores;

  /** Takes the scores of a range of rows while they are on the device. */
  @FunctionalInterface
  interface ScoredRows {
    void take(int firstRow, int rows);
  }

  /**
   * Begins a scoring.
   *
   * @param known log-sum-exps over all keys as full attention wrote them; of use where the request
   *     has full attention's scale
   */
  ScorePass(
      DeviceQueue queue,
      AttentionCall<DeviceTensor> call,
      ScoreRequest request,
      @Nullable DeviceTensor known) {
    this.queue = queue;
    this.call = call;
    this.request = request;
    AttentionShape shape = call.shape();
    grid = call.grid(request.blocks());
    request.checkScores(grid);
    DevicePattern.checkKeyBlocks(grid);
    // Refuses unsupported sizes before anything is allocated.
    queue.kernels().blockScores(call.type(), shape.headDimension(), request.blocks());
    long rowBytes = (long) grid.queryBlocks() * Float.BYTES;
    long headBytes = rowBytes * grid.keyBlocks();
    headsAtOnce = (int) Math.max(1, Math.min(shape.heads(), SCORE_BYTES / headBytes));
    scratch = new Allocations(queue);
    try {
      boolean attentionsScale = (float) request.scale() == AttentionLaunch.scale(shape);
      logSumExp = known != null && attentionsScale ? known.address() : rowLogSumExp(0);
      scores = scratch.allocate(headsAtOnce * headBytes).address();
      int border = request.firstGenerationBlock();
      generationLogSumExp = request.scoresGeneration() ? rowLogSumExp(grid.firstKey(border)) : 0;
      generationScores =
          request.scoresGeneration()
              ? scratch.allocate(headsAtOnce * rowBytes * (grid.keyBlocks() - border)).address()
              : 0;
    } catch (RuntimeException | Error e) {
      scratch.close();
      throw e;
    }
  }

  BlockGrid grid() {
    return grid;
  }

  /** Address of the scores [rows, key blocks] over all keys. */
  long scores() {
    return scores;
  }

  /** Address of the scores [rows, generation blocks] over the generation's keys; 0 for none. */
  long generationScores() {
    return generationScores;
  }

  void run(ScoredRows consumer) {
    AttentionShape shape = call.shape();
    for (int item = 0; item < shape.batch(); item++) {
      for (int head = 0; head < shape.heads(); head += headsAtOnce) {
        int heads = Math.min(headsAtOnce, shape.heads() - head);
        blockScores(item, head, heads);
        consumer.take(grid.row(item, head, 0), heads * grid.queryBlocks());
      }
    }
  }

  /** Queues the log-sum-exps over the keys from one on, and returns where they will be. */
  private long rowLogSumExp(int firstKey) {
    AttentionShape shape = call.shape();
    long bytes = (long) shape.batch() * shape.heads() * shape.queryLength() * Float.BYTES;
    long target = scratch.allocate(bytes).address();
    KernelArguments arguments =
        new KernelArguments()
            .add(call.query().address())
            .add(call.key().address())
            .add(target)
            .addStrides(call.query())
            .addStrides(call.key())
            .add(shape.heads() / shape.kvHeads())
            .add(shape.queryLength())
            .add(shape.keyLength())
            .add(firstKey)
            .add(shape.headDimension())
            .add((float) request.scale());
    queue.launchOverQueries(
        queue.kernels().rowLogSumExp(call.type(), shape.headDimension()), call, arguments);
    return target;
  }

  private void blockScores(int item, int firstHead, int heads) {
    AttentionShape shape = call.shape();
    Kernel kernel =
        queue.kernels().blockScores(call.type(), shape.headDimension(), request.blocks());
    KernelArguments arguments =
        new KernelArguments()
            .add(call.query().address())
            .add(call.key().address())
            .add(logSumExp)
            .add(generationLogSumExp)
            .add(scores)
            .add(generationScores)
            .addStrides(call.query())
            .addStrides(call.key())
            .add(shape.heads())
            .add(shape.heads() / shape.kvHeads())
            .add(shape.queryLength())
            .add(shape.keyLength())
            .add(request.blocks().queryTokens())
            .add(request.blocks().keyTokens())
            .add(request.firstGenerationBlock())
            .add(item)
            .add(firstHead)
            .add(shape.headDimension())
            .add((float) request.scale());
    queue.launch(kernel, call, kernel.blocks(shape.queryLength()), heads, 1, arguments);
  }

  @Override
  public void close() {
    scratch.close();
  }
}
