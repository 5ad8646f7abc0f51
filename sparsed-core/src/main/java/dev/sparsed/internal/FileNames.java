package dev.sparsed.internal;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Names of files and arguments of programs, which are bytes that Java reads in the locale's
 * encoding. Where that is not UTF-8, as in a container or under cron, what lies outside ASCII is
 * lost before a program sees it.
 */
public final class FileNames {

  private static final char LOST = '\uFFFD';
  private static final String REMEDY = "; start with LC_ALL=C.UTF-8 in the environment";

  private FileNames() {}

  /**
   * Why a name cannot be a file's.
   *
   * @param name the name
   * @param failure what {@link java.nio.file.Path#of} says of it
   * @return the reason in words
   */
  public static String explain(String name, InvalidPathException failure) {
    return isAscii(name) || isUtf8()
        ? "no file can have this name: " + failure.getReason()
        : "names outside ASCII cannot be read or written here, for " + locale() + REMEDY;
  }

  /**
   * Whether a text that came from outside, such as a program's argument, has been misread.
   *
   * @param text the text
   * @return why it cannot be what was meant; empty if it can
   */
  public static Optional<String> garbled(String text) {
    if (isAscii(text) || isWindows()) {
      return Optional.empty(); // Windows hands over characters, not bytes.
    }
    if (!isUtf8()) {
      return Optional.of("it has characters outside ASCII, but " + locale() + REMEDY);
    }
    return text.indexOf(LOST) >= 0
        ? Optional.of("it is not UTF-8 text, or holds the sign for text that is lost (U+FFFD)")
        : Optional.empty();
  }

  /**
   * Why nothing may be found under a name although it is there: a relative one is looked for in the
   * working folder, whose own name the locale can garble.
   *
   * @param name the name
   * @return the reason in words; empty where the name leads where it says
   */
  public static Optional<String> astray(Path name) {
    return name.isAbsolute() ? Optional.empty() : astray(System.getProperty("user.dir", ""));
  }

  static Optional<String> astray(String workingFolder) {
    return garbled(workingFolder).map(why -> "the name of the working folder is misread: " + why);
  }

  private static String locale() {
    return "this process's locale has the encoding " + encoding();
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(character -> character < 128);
  }

  private static boolean isWindows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }

  private static boolean isUtf8() {
    try {
      return Charset.forName(encoding()).equals(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** What Java reads names in, whatever it reads the content of files in. */
  private static String encoding() {
    return System.getProperty("sun.jnu.encoding", "UTF-8");
  }
}
