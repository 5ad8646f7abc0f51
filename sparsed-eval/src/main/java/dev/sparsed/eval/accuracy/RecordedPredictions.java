package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;
import dev.sparsed.internal.MalformedUtf8Exception;
import dev.sparsed.internal.Utf8;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is usable of a predictions file, from its beginning.
 *
 * <p>A killed run leaves the beginning of a line at the end; a loss of power may also leave zeros
 * in the place of lines of the last batch. Both are passed over. Anything else that is no
 * prediction of the run is damage, which is not for this program to repair.
 *
 * @param validBytes length of the usable part
 * @param predictions what is in it
 */
record RecordedPredictions(long validBytes, ImmutableList<Prediction> predictions) {

  private static final String OTHER = "; choose another --out";

  /**
   * Reads a file's content.
   *
   * @throws PredictionLogException if it is not one that the run may continue
   */
  static RecordedPredictions of(
      Path file, byte[] bytes, RunSettings settings, ImmutableList<EvalTask> tasks, int batch)
      throws PredictionLogException {
    int headerEnd = endOfLine(bytes, 0);
    if (headerEnd < 0) {
      // A header that was torn while the file was made; anything else is not ours to cut.
      if (!begins(settings.toJson() + "\n", bytes, 0)) {
        throw new PredictionLogException(file + " is not a predictions file" + OTHER);
      }
      return new RecordedPredictions(0, ImmutableList.of());
    }
    checkHeader(file, bytes, headerEnd, settings);
    return new Reader(file, bytes, new PredictionLines(settings), tasks, batch).from(headerEnd);
  }

  private static void checkHeader(Path file, byte[] bytes, int end, RunSettings settings)
      throws PredictionLogException {
    RunSettings then;
    try {
      then = RunSettings.parse(line(file, bytes, 0, end));
    } catch (IllegalArgumentException e) {
      throw new PredictionLogException(file + " is not a predictions file" + OTHER, e);
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

  /** Reads one line after the other. */
  private static final class Reader {

    private final Path file;
    private final byte[] bytes;
    private final PredictionLines lines;
    private final ImmutableList<EvalTask> tasks;
    private final int batch;

    Reader(
        Path file, byte[] bytes, PredictionLines lines, ImmutableList<EvalTask> tasks, int batch) {
      this.file = file;
      this.bytes = bytes;
      this.lines = lines;
      this.tasks = tasks;
      this.batch = batch;
    }

    RecordedPredictions from(int start) throws PredictionLogException {
      ImmutableList.Builder<Prediction> predictions = ImmutableList.builder();
      int from = start;
      int count = 0;
      int end;
      while ((end = endOfLine(bytes, from)) >= 0) {
        if (count == tasks.size()) {
          throw damaged(count, "is one more than there are tasks", null);
        }
        try {
          predictions.add(lines.read(line(file, bytes, from, end), tasks.get(count)));
        } catch (IllegalArgumentException e) {
          if (!hasZeros(from, end) || linesFrom(from) > batch) {
            throw damaged(count, String.valueOf(e.getMessage()), e);
          }
          return new RecordedPredictions(from, predictions.build());
        }
        count++;
        from = end;
      }
      checkTail(from, count);
      return new RecordedPredictions(from, predictions.build());
    }

    /** What comes without an end must be the beginning of the next task's line. */
    private void checkTail(int from, int count) throws PredictionLogException {
      if (from == bytes.length || hasZeros(from, bytes.length)) {
        return;
      }
      if (count == tasks.size() || !begins(lines.beginning(tasks.get(count)), bytes, from)) {
        throw damaged(count, "is not the beginning of a prediction", null);
      }
    }

    private PredictionLogException damaged(int count, String what, @Nullable Throwable cause) {
      return new PredictionLogException(
          file
              + " is damaged: its line "
              + (count + 2)
              + " "
              + what
              + "\nNothing was changed. Choose another --out, or remove this line and those after"
              + " it to have their tasks answered again",
          cause);
    }

    private boolean hasZeros(int from, int end) {
      for (int at = from; at < end; at++) {
        if (bytes[at] == 0) {
          return true;
        }
      }
      return false;
    }

    private int linesFrom(int from) {
      int found = 0;
      for (int at = from; (at = endOfLine(bytes, at)) >= 0; ) {
        found++;
      }
      return found;
    }
  }

  /** Whether bytes and a text are the same as far as both go. */
  private static boolean begins(String text, byte[] bytes, int from) {
    byte[] expected = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(expected.length, bytes.length - from);
    return Arrays.equals(expected, 0, length, bytes, from, from + length);
  }

  private static String line(Path file, byte[] bytes, int from, int end) {
    try {
      return Utf8.decode(bytes, from, end - 1, file.toString());
    } catch (MalformedUtf8Exception e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
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
}
