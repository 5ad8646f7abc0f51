package dev.sparsed.text.internal.jinja;

import java.util.Set;
import java.util.function.IntPredicate;

/** Python's questions about the characters of a str. */
final class TextKinds {

  static final Set<String> NAMES =
      Set.of(
          "isspace",
          "isdigit",
          "isdecimal",
          "isnumeric",
          "isalpha",
          "isalnum",
          "isascii",
          "islower",
          "isupper");

  private TextKinds() {}

  static boolean is(String name, String text, Budget budget) {
    budget.read(8L * text.length());
    return switch (name) {
      case "isspace" -> PythonText.isSpace(text);
      case "isdigit" -> all(text, c -> isDigit(c, false));
      case "isdecimal" -> all(text, c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER);
      case "isnumeric" -> all(text, TextKinds::isNumeric);
      case "isalpha" -> all(text, Character::isLetter);
      case "isalnum" -> all(text, c -> Character.isLetter(c) || isDigit(c, true));
      case "isascii" -> text.isEmpty() || all(text, c -> c < 128);
      case "islower" -> TextCase.isCased(text, false, budget);
      case "isupper" -> TextCase.isCased(text, true, budget);
      default -> throw new IllegalStateException(name);
    };
  }

  private static boolean all(String text, IntPredicate kind) {
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  private static boolean isNumeric(int c) {
    if (Character.getType(c) == Character.OTHER_LETTER) {
      throw new JinjaException("isnumeric is supported for digits only");
    }
    return isDigit(c, true);
  }

  /** Superscripts, fractions and the like, on which Python's methods differ, are refused. */
  private static boolean isDigit(int c, boolean numeric) {
    int type = Character.getType(c);
    if (type == Character.OTHER_NUMBER || (numeric && type == Character.LETTER_NUMBER)) {
      throw new JinjaException("isdigit, isnumeric and isalnum are supported for digits only");
    }
    return type == Character.DECIMAL_DIGIT_NUMBER;
  }
}
