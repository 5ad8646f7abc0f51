package dev.sparsed.examples.eval;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Knows by which command, and from which files and model, the files of a table were made: a short
 * line in a file beside each of them. What was made by the very same is not made again; what was
 * made by another command or from other inputs is, and the old files stay under another name.
 */
final class RunMarks {

  private static final String STARTED = "started ";
  private static final String DONE = "done ";
  private static final int SHOWN = 8;

  private RunMarks() {}

  /** The name of a command together with what it reads. */
  static String of(List<String> command, ImmutableMap<String, String> inputs) {
    return Hashing.sha256()
        .hashString(Joiner.on('\n').join(command) + '\n' + inputs, StandardCharsets.UTF_8)
        .toString();
  }

  /** Whether a prepared file needs not be made. */
  enum Prepared {
    /** It is not there, or was made by another command or from other inputs. */
    TO_MAKE,
    /** It was made by this command. */
    MADE,
    /** Somebody put it there, whom it must not be taken from. */
    FOREIGN
  }

  /** How things stand with a file that is prepared for all cells. */
  static Prepared prepared(Path file, String wanted) throws IOException {
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

  /** Notes that a file that is prepared for all cells was made. */
  static void markPrepared(Path file, String wanted) throws IOException {
    write(file, wanted + " " + RunInputs.file(file));
  }

  /** Whether a cell's result is there and was made by this command from these inputs. */
  static boolean isDone(Path result, String wanted) throws IOException {
    return Files.exists(result) && read(result).equals(Optional.of(DONE + wanted));
  }

  /**
   * Notes that a cell begins. Files that it left under other settings get the beginning of their
   * mark into their names; those that it left under these settings, and lost to others since, get
   * their names back.
   *
   * @return the files that were put aside
   */
  static ImmutableList<Path> start(Path result, List<Path> files, String wanted)
      throws IOException {
    ImmutableList.Builder<Path> aside = ImmutableList.builder();
    String before = read(result).map(mark -> mark.substring(mark.indexOf(' ') + 1)).orElse(wanted);
    if (!before.equals(wanted)) {
      for (Path file : files) {
        if (Files.exists(file)) {
          Path other = named(file, before);
          Files.move(file, other, StandardCopyOption.REPLACE_EXISTING);
          aside.add(other);
        }
        Path earlier = named(file, wanted);
        if (Files.exists(earlier)) {
          Files.move(earlier, file);
        }
      }
    }
    write(result, STARTED + wanted);
    return aside.build();
  }

  /** Notes that a cell is done. */
  static void finish(Path result, String wanted) throws IOException {
    write(result, DONE + wanted);
  }

  /** {@code a/b.json} is {@code a/b.0123abcd.json}. */
  private static Path named(Path file, String mark) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return file.resolveSibling(
        name.substring(0, dot) + "." + mark.substring(0, SHOWN) + name.substring(dot));
  }

  private static Path markOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".mark");
  }

  private static Optional<String> read(Path file) throws IOException {
    Path mark = markOf(file);
    return Files.exists(mark) ? Optional.of(Files.readString(mark)) : Optional.empty();
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(markOf(file), text);
  }
}
