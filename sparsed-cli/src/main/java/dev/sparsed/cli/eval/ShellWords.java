package dev.sparsed.cli.eval;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Commands as a shell takes them, on one line whatever is in them. */
final class ShellWords {

  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./:=,+@%-]+");

  private ShellWords() {}

  static String of(List<String> words) {
    return words.stream().map(ShellWords::word).collect(Collectors.joining(" "));
  }

  private static String word(String word) {
    if (PLAIN.matcher(word).matches()) {
      return word;
    }
    if (word.chars().noneMatch(ShellWords::isControl)) {
      return "'" + word.replace("'", "'\\''") + "'";
    }
    StringBuilder quoted = new StringBuilder("$'");
    word.chars().forEach(character -> quoted.append(escaped((char) character)));
    return quoted.append('\'').toString();
  }

  private static String escaped(char character) {
    if (isControl(character)) {
      return String.format(Locale.ROOT, "\\u%04x", (int) character);
    }
    return (character == '\'' || character == '\\' ? "\\" : "") + character;
  }

  private static boolean isControl(int character) {
    int type = Character.getType(character);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
