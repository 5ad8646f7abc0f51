package dev.sparsed.text;

import java.util.function.IntPredicate;

/**
 * The characters that one item of a regular expression may match: never fewer than it does, more
 * where an item is not understood.
 */
final class CharacterClass {

  /** Every character. */
  static final CharacterClass ANY = new CharacterClass(c -> true, c -> false);

  private final IntPredicate may;
  private final IntPredicate must;

  private CharacterClass(IntPredicate may, IntPredicate must) {
    this.may = may;
    this.must = must;
  }

  /** The characters of a literal, an escape, a class in brackets or a dot. */
  static CharacterClass of(String item) {
    if (item.startsWith("[")) {
      return bracket(item);
    }
    return item.startsWith("\\") ? escape(item) : item.equals(".") ? ANY : literal(item, item);
  }

  boolean mayContain(int character) {
    return may.test(character);
  }

  /** The sum of the squares of the lengths, in characters, of the runs of these characters. */
  double squaredRuns(String text) {
    double sum = 0;
    double run = 0;
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      i += Character.charCount(character);
      if (may.test(character)) {
        run++;
      } else {
        sum += run * run;
        run = 0;
      }
    }
    return sum + run * run;
  }

  private static CharacterClass literal(String first, String last) {
    int from = first.codePointAt(0);
    int to = last.codePointAt(0);
    IntPredicate range = c -> c >= from && c <= to;
    return new CharacterClass(range, range);
  }

  private CharacterClass not() {
    return new CharacterClass(must.negate(), may.negate());
  }

  private CharacterClass or(CharacterClass other) {
    return new CharacterClass(may.or(other.may), must.or(other.must));
  }

  private static CharacterClass escape(String item) {
    char kind = item.charAt(1);
    return switch (kind) {
      case 's' -> new CharacterClass(CharacterClass::mayBeBlank, c -> c == ' ');
      case 'S' -> escape("\\s").not();
      case 'd' ->
          new CharacterClass(c -> known(c, Character.isDigit(c)), c -> c >= '0' && c <= '9');
      case 'D' -> escape("\\d").not();
      case 'r' -> literal("\r", "\r");
      case 'n' -> literal("\n", "\n");
      case 't' -> literal("\t", "\t");
      case 'p' -> property(item.substring(3, item.length() - 1));
      case 'P' -> property(item.substring(3, item.length() - 1)).not();
      default ->
          Character.isLetterOrDigit(kind) ? ANY : literal(item.substring(1), item.substring(1));
    };
  }

  /** A general category by its one or two letters; scripts and names are not looked into. */
  private static CharacterClass property(String name) {
    if (name.startsWith("^")) {
      return property(name.substring(1)).not();
    }
    if (name.length() > 2 || !CATEGORIES.contains(" " + name)) {
      return ANY;
    }
    return new CharacterClass(
        c -> known(c, category(c).startsWith(name)),
        c -> Character.isDefined(c) && category(c).startsWith(name));
  }

  /** The names of the categories in the order of Character.getType's numbers, 17 being unused. */
  private static final String CATEGORIES =
      " Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No .. Zs Zl Zp Cc Cf .. Co Cs Pd Ps Pe Pc Po Sm Sc Sk So"
          + " Pi Pf";

  private static String category(int character) {
    int start = 3 * Character.getType(character) + 1;
    return CATEGORIES.substring(start, start + 2);
  }

  private static boolean mayBeBlank(int c) {
    return known(c, Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85);
  }

  /** Characters that this Java does not know yet may be anything. */
  private static boolean known(int character, boolean member) {
    return member || !Character.isDefined(character);
  }

  private static CharacterClass bracket(String item) {
    boolean negated = item.startsWith("[^");
    int end = item.length() - 1;
    CharacterClass union = new CharacterClass(c -> false, c -> false);
    int position = negated ? 2 : 1;
    while (position < end) {
      char c = item.charAt(position);
      if (c == '[' || (c == '&' && item.startsWith("&&", position))) {
        return ANY; // a class in a class, or an intersection
      }
      int next = itemEnd(item, position);
      if (item.charAt(next) == '-' && next + 1 < end) {
        int last = itemEnd(item, next + 1);
        String from = character(item.substring(position, next));
        String to = character(item.substring(next + 1, last));
        if (from.isEmpty() || to.isEmpty()) {
          return ANY;
        }
        union = union.or(literal(from, to));
        position = last;
      } else {
        union = union.or(of(item.substring(position, next)));
        position = next;
      }
    }
    return negated ? union.not() : union;
  }

  private static int itemEnd(String item, int start) {
    if (item.charAt(start) != '\\') {
      return item.offsetByCodePoints(start, 1);
    }
    boolean braces = item.startsWith("{", start + 2) && "pPxu".indexOf(item.charAt(start + 1)) >= 0;
    if (braces) {
      return item.indexOf('}', start) + 1;
    }
    int digits = item.charAt(start + 1) == 'x' ? 2 : item.charAt(start + 1) == 'u' ? 4 : 0;
    return start + 2 + digits;
  }

  /** The one character that an end of a range stands for, empty if it is not looked into. */
  private static String character(String end) {
    if (!end.startsWith("\\")) {
      return end;
    }
    return end.length() == 2 && !Character.isLetterOrDigit(end.charAt(1)) ? end.substring(1) : "";
  }
}
