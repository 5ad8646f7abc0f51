package dev.sparsed.eval.accuracy;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file of predictions: a line of settings, then one line per task in the tasks' order. A batch
 * of lines reaches the disk before the next is computed. Opening a file that a killed run left
 * behind cuts off what is torn at its end, and nothing else: a file of other settings, of other
 * tasks, changed by anybody else, or of another kind is refused untouched.
 *
 * <p>The finished file depends on the settings and tasks only, not on how often the run was killed.
 */
public final class PredictionLog implements Predictions, Closeable {

  /** How far a batch must get before the next is computed. */
  enum Durability {
    /** To the disk: survives a loss of power. */
    DISK,
    /** To the operating system: survives the end of the process. For tests, as it is fast. */
    SYSTEM
  }

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;
  private final Durability durability;
  private final PredictionLines lines;
  private final List<Prediction> recorded = new ArrayList<>();

  private PredictionLog(
      Path file, FileChannel channel, FileLock lock, Durability durability, RunSettings settings) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
    this.durability = durability;
    this.lines = new PredictionLines(settings);
  }

  /**
   * Opens or creates the file of a run, for this process alone.
   *
   * @param file the predictions file
   * @param settings the run's settings
   * @param tasks the run's tasks
   * @param batch tasks written together, at least 1: at most so many lines can be torn
   * @return the log, which the caller closes
   * @throws PredictionLogException if the file is not one that this run may continue
   * @throws IOException if the file cannot be read or written
   */
  public static PredictionLog open(
      Path file, RunSettings settings, ImmutableList<EvalTask> tasks, int batch)
      throws IOException {
    return open(file, settings, tasks, batch, Durability.DISK);
  }

  static PredictionLog open(
      Path file,
      RunSettings settings,
      ImmutableList<EvalTask> tasks,
      int batch,
      Durability durability)
      throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new PredictionLogException(
          file + " cannot be continued, as it is no ordinary file; choose another --out");
    }
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      PredictionLog log =
          new PredictionLog(file, channel, lock(channel, file), durability, settings);
      log.resume(RecordedPredictions.of(file, log.bytes(), settings, tasks, batch));
      return log;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private byte[] bytes() throws IOException {
    if (channel.size() > Integer.MAX_VALUE - 16) {
      throw new PredictionLogException(file + " is too large for a predictions file");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
      // Reads on until the end of the file.
    }
    return bytes.array();
  }

  private void resume(RecordedPredictions content) throws IOException {
    channel.truncate(content.validBytes());
    channel.position(content.validBytes());
    if (content.validBytes() == 0) {
      write(lines.header() + "\n");
    }
    recorded.addAll(content.predictions());
  }

  private static FileLock lock(FileChannel channel, Path file) throws IOException {
    @Nullable FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new PredictionLogException(file + " is being written by another run");
    }
    return lock;
  }

  @Override
  public ImmutableList<Prediction> recorded() {
    return ImmutableList.copyOf(recorded);
  }

  /** Adds predictions of the next tasks and waits until the disk has them. */
  @Override
  public void append(List<Prediction> predictions) throws IOException {
    checkState(lock.isValid(), "the predictions file is closed");
    StringBuilder added = new StringBuilder();
    predictions.forEach(prediction -> added.append(lines.line(prediction)).append('\n'));
    write(added.toString());
    recorded.addAll(predictions);
  }

  /** All of a text to the disk, or nothing of it. */
  private void write(String text) throws IOException {
    long before = channel.position();
    try {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int written = channel.write(bytes);
        checkState(written >= 0, "the predictions file takes no more bytes");
      }
      if (durability == Durability.DISK) {
        channel.force(true);
      }
    } catch (IOException e) {
      cutBack(before, e);
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  private void cutBack(long length, IOException failure) {
    try {
      channel.truncate(length);
    } catch (IOException e) {
      failure.addSuppressed(e); // What is torn at the end is cut off when the run continues.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
