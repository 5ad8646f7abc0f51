package dev.sparsed.cli.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the files that a command's options name before it works: hours must not end in a file that
 * cannot be written, or that is one of those it reads.
 */
public final class GivenFiles {

  private final Map<Path, String> options = new HashMap<>();

  /**
   * Checks a file that the command reads, if the option is given.
   *
   * @param option the option
   * @param file what it names
   * @throws IllegalArgumentException if it is not there
   */
  public void reads(String option, @Nullable Path file) {
    if (file != null) {
      check(Files.isRegularFile(file), "the file of " + option + " is not there: " + file);
      options.put(absolute(file), option);
    }
  }

  /**
   * Checks a file that the command writes, if the option is given.
   *
   * @param option the option
   * @param file what it names
   * @throws IllegalArgumentException if it cannot be written, or another option names it too
   */
  public void writes(String option, @Nullable Path file) {
    if (file != null) {
      check(!Files.isDirectory(file), option + " must name a file but is a folder: " + file);
      Path folder = absolute(file).resolveSibling("");
      check(
          Files.isDirectory(folder),
          "the folder of " + option + " " + file + " is not there; make it first: " + folder);
      check(
          Files.isWritable(Files.exists(file) ? file : folder),
          option + " cannot be written: " + file);
      String other = options.putIfAbsent(absolute(file), option);
      check(other == null, other + " and " + option + " name the same file: " + file);
    }
  }

  /**
   * Checks a folder that the command writes into, and makes if it is not there.
   *
   * @param option the option
   * @param folder what it names
   * @throws IllegalArgumentException if it is something else than a folder
   */
  public void writesInto(String option, Path folder) {
    check(
        !Files.exists(folder) || Files.isDirectory(folder),
        option + " must name a folder but is a file: " + folder);
  }

  private static Path absolute(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
