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
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file of predictions: a line of settings, then one line per task in the tasks' order. A batch
 * of lines reaches the disk before the next is computed. Opening a file that a killed run left
 * behind cuts off what is torn at its end, and nothing else: a file of other settings, of other
 * tasks, damaged in its middle, or of another kind is refused untouched.
 *
 * <p>The finished file depends on the settings and tasks only, not on how often the run was killed.
 */
public final class PredictionLog implements Closeable {

  /** How far a batch must get before the next is computed. */
  enum Durability {
    /** To the disk: survives a loss of power. */
    DISK,
    /** To the operating system: survives the end of the process. For tests, as it is fast. */
    SYSTEM
  }

  private final FileChannel channel;
  private final FileLock lock;
  private final Durability durability;
  private final List<Prediction> recorded;

  private PredictionLog(
      FileChannel channel, FileLock lock, Durability durability, List<Prediction> recorded) {
    this.channel = channel;
    this.lock = lock;
    this.durability = durability;
    this.recorded = recorded;
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
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = lock(channel, file);
      Content content = Content.read(file, channel, settings, tasks, batch);
      channel.truncate(content.validBytes());
      channel.position(content.validBytes());
      if (content.validBytes() == 0) {
        write(channel, settings.toJson() + "\n");
      }
      if (durability == Durability.DISK) {
        channel.force(true);
      }
      return new PredictionLog(channel, lock, durability, new ArrayList<>(content.predictions()));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
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

  /**
   * The predictions in the file.
   *
   * @return those of the first tasks, in the tasks' order
   */
  public ImmutableList<Prediction> recorded() {
    return ImmutableList.copyOf(recorded);
  }

  /**
   * Adds predictions of the next tasks and waits until the disk has them.
   *
   * @param predictions the predictions
   * @throws IOException if they cannot be written
   */
  public void append(List<Prediction> predictions) throws IOException {
    checkState(lock.isValid(), "the predictions file is closed");
    StringBuilder lines = new StringBuilder();
    predictions.forEach(prediction -> lines.append(prediction.toJson()).append('\n'));
    write(channel, lines.toString());
    if (durability == Durability.DISK) {
      channel.force(false);
    }
    recorded.addAll(predictions);
  }

  private static void write(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int written = channel.write(bytes);
      checkState(written >= 0, "the predictions file takes no more bytes");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** What is usable of a file, from its beginning. */
  private record Content(long validBytes, ImmutableList<Prediction> predictions) {

    static Content read(
        Path file,
        FileChannel channel,
        RunSettings settings,
        ImmutableList<EvalTask> tasks,
        int batch)
        throws IOException {
      byte[] bytes = readAll(file, channel);
      String header = settings.toJson() + "\n";
      int headerEnd = endOfLine(bytes, 0);
      if (headerEnd < 0) {
        // A header that was torn while the file was made; anything else is not ours to cut.
        if (!header.startsWith(new String(bytes, StandardCharsets.UTF_8))) {
          throw new PredictionLogException(
              file + " is not a predictions file; choose another --out");
        }
        return new Content(0, ImmutableList.of());
      }
      checkHeader(file, line(bytes, 0, headerEnd), settings);
      return predictions(file, bytes, headerEnd, tasks, batch);
    }

    private static byte[] readAll(Path file, FileChannel channel) throws IOException {
      if (channel.size() > Integer.MAX_VALUE - 16) {
        throw new PredictionLogException(file + " is too large for a predictions file");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Reads on until the end of the file.
      }
      return bytes.array();
    }

    private static void checkHeader(Path file, String line, RunSettings settings)
        throws PredictionLogException {
      RunSettings then;
      try {
        then = RunSettings.parse(line);
      } catch (IllegalArgumentException e) {
        throw new PredictionLogException(
            file + " is not a predictions file; choose another --out", e);
      }
      String differences = settings.differencesFrom(then);
      if (!differences.isEmpty()) {
        throw new PredictionLogException(
            file
                + " holds predictions under other settings:"
                + differences
                + "\nRepeat the settings to continue it, or choose another --out");
      }
    }

    private static Content predictions(
        Path file, byte[] bytes, int start, ImmutableList<EvalTask> tasks, int batch)
        throws PredictionLogException {
      ImmutableList.Builder<Prediction> predictions = ImmutableList.builder();
      int from = start;
      int count = 0;
      int end;
      while ((end = endOfLine(bytes, from)) >= 0) {
        if (count == tasks.size()) {
          throw new PredictionLogException(
              file + " has more lines than the " + tasks.size() + " tasks");
        }
        try {
          predictions.add(Prediction.parse(line(bytes, from, end), tasks.get(count)));
        } catch (IllegalArgumentException e) {
          // After a loss of power the last batch's pages may be there in part only.
          if (linesFrom(bytes, from) > batch) {
            throw new PredictionLogException(
                file + " is damaged: line " + (count + 2) + " " + e.getMessage(), e);
          }
          break;
        }
        count++;
        from = end;
      }
      return new Content(from, predictions.build());
    }

    private static String line(byte[] bytes, int from, int end) {
      return new String(bytes, from, end - from - 1, StandardCharsets.UTF_8);
    }

    /** Behind the next line end, or -1. */
    private static int endOfLine(byte[] bytes, int from) {
      for (int at = from; at < bytes.length; at++) {
        if (bytes[at] == '\n') {
          return at + 1;
        }
      }
      return -1;
    }

    private static int linesFrom(byte[] bytes, int from) {
      int lines = 0;
      for (int at = from; (at = endOfLine(bytes, at)) >= 0; ) {
        lines++;
      }
      return lines;
    }
  }
}
