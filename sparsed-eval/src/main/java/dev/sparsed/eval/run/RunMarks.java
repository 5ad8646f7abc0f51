package dev.sparsed.eval.run;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Knows by which command, and from which files and model, the files of a table were made: a short
 * line in a file beside each of them. What was made by the very same is not made again; what was
 * made by another command or from other inputs is, and the old files stay under another name, their
 * mark with them.
 */
public final class RunMarks {

  private static final String STARTED = "started ";
  private static final String DONE = "done ";
  private static final String CHANGED = "changed";
  private static final int SHOWN = 8;

  private RunMarks() {}

  /**
   * A short name for a command together with what it reads.
   *
   * @param command the command's name
   * @param options its options with their values. Paths are not among them: what they lead to is
   *     among the inputs, and a moved folder holds what it held
   * @param inputs short names of what is in its files and of its model
   * @return the name
   */
  public static String of(
      String command, Map<String, List<String>> options, Map<String, String> inputs) {
    return Hashing.sha256()
        .hashString(command + '\n' + new TreeMap<>(options) + '\n' + inputs, StandardCharsets.UTF_8)
        .toString();
  }

  /** Whether a prepared file needs not be made. */
  public enum Prepared {
    /** It is not there, or was made by another command or from other inputs. */
    TO_MAKE,
    /** It was made by this command. */
    MADE,
    /** Somebody put it there, whom it must not be taken from. */
    FOREIGN
  }

  /**
   * How things stand with a file that is prepared for all cells.
   *
   * @param file the file
   * @param wanted the name of the command that makes it
   * @return whether it is there, and by whom
   * @throws IOException if it cannot be read
   */
  public static Prepared prepared(Path file, String wanted) throws IOException {
    if (!Files.exists(file)) {
      return Prepared.TO_MAKE;
    }
    Optional<String> mark = read(file);
    String content = Fingerprint.of(file);
    if (mark.isEmpty() || !mark.get().endsWith(" " + content)) {
      return Prepared.FOREIGN;
    }
    return mark.get().equals(wanted + " " + content) ? Prepared.MADE : Prepared.TO_MAKE;
  }

  /**
   * Notes that a file that is prepared for all cells was made.
   *
   * @param file the file
   * @param wanted the name of the command that made it
   * @throws IOException if the mark cannot be written
   */
  public static void markPrepared(Path file, String wanted) throws IOException {
    write(file, wanted + " " + Fingerprint.of(file));
  }

  /**
   * Whether a cell's result is there and was made by this command from these inputs.
   *
   * @param result the cell's result
   * @param wanted the name of the command
   * @return true if so
   * @throws IOException if the mark cannot be read
   */
  public static boolean isDone(Path result, String wanted) throws IOException {
    return Files.exists(result)
        && read(result).equals(Optional.of(DONE + wanted + " " + Fingerprint.of(result)));
  }

  /**
   * Makes room for a cell. A result that somebody changed is put aside. Files that it left under
   * other settings get the beginning of their mark into their names; those that it left under these
   * settings, and lost to others since, get their names back, and what their mark says of them
   * holds again.
   *
   * @param result the cell's result
   * @param files all files of the cell
   * @param wanted the name of the cell's command
   * @return the files that were put aside
   * @throws IOException if a file cannot be read or moved
   */
  public static ImmutableList<Path> bringBack(Path result, List<Path> files, String wanted)
      throws IOException {
    ImmutableList.Builder<Path> aside = ImmutableList.builder();
    Optional<String> before = read(result).map(RunMarks::command);
    if (before.isPresent() && !before.get().equals(wanted)) {
      for (Path file : files) {
        if (Files.exists(file)) {
          aside.add(move(file, named(file, before.get())));
        }
      }
      // Last: should this be cut short, the mark still tells whose the files are.
      move(markOf(result), named(markOf(result), before.get()));
    }
    if (isChanged(result, wanted)) {
      aside.add(move(result, named(result, CHANGED)));
    }
    for (Path file : ImmutableList.<Path>builder().addAll(files).add(markOf(result)).build()) {
      Path earlier = named(file, wanted);
      if (Files.exists(earlier) && !Files.exists(file)) {
        move(earlier, file);
      }
    }
    return aside.build();
  }

  /** Which command a mark of a cell is of, whether it is done or only started. */
  private static String command(String mark) {
    List<String> words = Splitter.on(' ').splitToList(mark);
    return words.size() < 2 ? "" : words.get(1);
  }

  /** Whether a result is done but is not any more what the command gave. */
  private static boolean isChanged(Path result, String wanted) throws IOException {
    return Files.exists(result)
        && read(result).filter(mark -> mark.startsWith(DONE + wanted + " ")).isPresent()
        && !isDone(result, wanted);
  }

  private static Path move(Path file, Path to) throws IOException {
    return Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Notes that a cell begins.
   *
   * @param result the cell's result
   * @param wanted the name of the cell's command
   * @throws IOException if the mark cannot be written
   */
  public static void start(Path result, String wanted) throws IOException {
    write(result, STARTED + wanted);
  }

  /**
   * Notes that a cell is done.
   *
   * @param result the cell's result
   * @param wanted the name of the cell's command
   * @throws IOException if the mark cannot be written
   */
  public static void finish(Path result, String wanted) throws IOException {
    write(result, DONE + wanted + " " + Fingerprint.of(result));
  }

  /** {@code a/b.json} is {@code a/b.0123abcd.json}. */
  private static Path named(Path file, String mark) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return file.resolveSibling(
        name.substring(0, dot)
            + "."
            + mark.substring(0, Math.min(SHOWN, mark.length()))
            + name.substring(dot));
  }

  private static Path markOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".mark");
  }

  private static Optional<String> read(Path file) throws IOException {
    Path mark = markOf(file);
    return Files.exists(mark) ? Optional.of(Files.readString(mark)) : Optional.empty();
  }

  private static void write(Path file, String text) throws IOException {
    WholeFile.write(markOf(file), text);
  }
}
