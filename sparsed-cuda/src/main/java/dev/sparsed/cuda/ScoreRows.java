package dev.sparsed.cuda;

import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Hands the rows of a scoring to Java, some at a time as they are copied from the device. */
final class ScoreRows {

  private final DeviceQueue queue;
  private final ScorePass pass;
  private final ScoreRequest request;
  private final Consumer<BlockScoreRow> consumer;
  private final float[] all;
  private final float[] generation;

  ScoreRows(
      DeviceQueue queue, ScorePass pass, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    this.queue = queue;
    this.pass = pass;
    this.request = request;
    this.consumer = consumer;
    int n = pass.grid().keyBlocks();
    all = new float[n];
    generation = new float[request.scoresGeneration() ? n - request.firstGenerationBlock() : 0];
  }

  /** Takes the rows that are on the device now. */
  void take(int firstRow, int rows) {
    long rowBytes = (long) all.length * Float.BYTES;
    int atOnce = (int) Math.max(1, Math.min(rows, HostCopies.PIECE_BYTES / rowBytes));
    ByteBuffer allRows = HostCopies.buffer(atOnce * rowBytes);
    ByteBuffer generationRows = HostCopies.buffer((long) atOnce * generation.length * Float.BYTES);
    for (int done = 0; done < rows; done += atOnce) {
      int count = Math.min(atOnce, rows - done);
      download(allRows, pass.scores(), done, count, all.length);
      download(generationRows, pass.generationScores(), done, count, generation.length);
      for (int row = 0; row < count; row++) {
        allRows.asFloatBuffer().get(row * all.length, all);
        generationRows.asFloatBuffer().get(row * generation.length, generation);
        consumer.accept(
            new BlockScoreRow(
                pass.grid(),
                firstRow + done + row,
                request.firstGenerationBlock(),
                all,
                generation));
      }
    }
  }

  private void download(ByteBuffer target, long address, int firstRow, int rows, int columns) {
    if (columns == 0) {
      return;
    }
    target.clear().limit(rows * columns * Float.BYTES);
    queue
        .driver()
        .copyFromDevice(target, address + (long) firstRow * columns * Float.BYTES, queue.stream());
    target.clear();
  }
}
