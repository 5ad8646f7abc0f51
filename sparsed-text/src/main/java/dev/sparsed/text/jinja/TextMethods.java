package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str that templates use. */
final class TextMethods {

  private static final Set<String> OTHERS =
      Set.of(
          "casefold",
          "center",
          "encode",
          "expandtabs",
          "format",
          "format_map",
          "isascii",
          "isdecimal",
          "isidentifier",
          "isprintable",
          "istitle",
          "ljust",
          "maketrans",
          "rjust",
          "translate");

  private TextMethods() {}

  static @Nullable Function find(String text, String name) {
    Function function = textFunction(text, name);
    if (function == null && OTHERS.contains(name)) {
      throw PythonMethods.unsupported("str", name);
    }
    return function == null
        ? null
        : arguments -> {
          arguments.budget().text(text.length());
          return function.call(arguments);
        };
  }

  private static @Nullable Function textFunction(String text, String name) {
    return switch (name) {
      case "strip" -> strip(text, true, true);
      case "lstrip" -> strip(text, true, false);
      case "rstrip" -> strip(text, false, true);
      case "split" -> split(text, false);
      case "rsplit" -> split(text, true);
      case "splitlines" ->
          arguments ->
              PythonValue.list(
                  PythonText.lines(text, arguments.bind("keepends?").flag("keepends", false)));
      case "partition" -> partition(text, false);
      case "rpartition" -> partition(text, true);
      case "startswith" -> affix(text, true);
      case "endswith" -> affix(text, false);
      case "removeprefix" ->
          arguments -> {
            String prefix = arguments.bind("prefix").text("prefix");
            return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
          };
      case "removesuffix" ->
          arguments -> {
            String suffix = arguments.bind("suffix").text("suffix");
            return text.endsWith(suffix)
                ? text.substring(0, text.length() - suffix.length())
                : text;
          };
      case "lower" -> constant(PythonText.lower(text));
      case "upper" -> constant(PythonText.upper(text));
      case "title" -> constant(PythonText.title(text));
      case "capitalize" -> constant(PythonText.capitalize(text));
      case "swapcase" -> constant(swapCase(text));
      case "find" -> find(text, false, false);
      case "rfind" -> find(text, true, false);
      case "index" -> find(text, false, true);
      case "rindex" -> find(text, true, true);
      case "count" ->
          arguments -> {
            String part = arguments.bind("sub").text("sub");
            return part.isEmpty()
                ? PythonText.length(text) + 1L
                : PythonText.split(text, part, -1).size() - 1L;
          };
      case "replace" ->
          arguments -> {
            Bound bound = arguments.bind("old", "new", "count?");
            return replace(
                text,
                bound.text("old"),
                bound.text("new"),
                bound.number("count", -1),
                arguments.budget());
          };
      case "join" ->
          arguments -> {
            List<Object> parts = new ArrayList<>();
            for (Object part : PythonValue.items(arguments.bind("iterable").get("iterable"))) {
              parts.add(PythonValue.toText(part));
            }
            return join(text, parts, arguments.budget());
          };
      case "zfill" ->
          arguments -> {
            long width = arguments.bind("width").number("width", 0);
            arguments.budget().text(width);
            String zeros = "0".repeat((int) Math.max(0, width - PythonText.length(text)));
            boolean signed = text.startsWith("-") || text.startsWith("+");
            return signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
          };
      case "isspace" -> constant(PythonText.isSpace(text));
      case "isdigit" -> constant(isDigits(text, false));
      case "isnumeric" -> constant(isDigits(text, true));
      case "isalpha" ->
          constant(!text.isEmpty() && text.codePoints().allMatch(Character::isLetter));
      case "isalnum" ->
          constant(!text.isEmpty() && text.codePoints().allMatch(Character::isLetterOrDigit));
      case "islower" -> constant(PythonText.isCased(text, false));
      case "isupper" -> constant(PythonText.isCased(text, true));
      default -> null;
    };
  }

  /** Superscripts, fractions and the like, on which Python's two methods differ, are refused. */
  private static boolean isDigits(String text, boolean numeric) {
    for (int c : text.codePoints().toArray()) {
      int type = Character.getType(c);
      if (type == Character.OTHER_NUMBER
          || (numeric && (type == Character.LETTER_NUMBER || type == Character.OTHER_LETTER))) {
        throw new JinjaException("isdigit and isnumeric are supported for digits only");
      }
    }
    return !text.isEmpty()
        && text.codePoints().allMatch(c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER);
  }

  private static Function constant(Object value) {
    return arguments -> {
      arguments.bind();
      return value;
    };
  }

  private static Function strip(String text, boolean start, boolean end) {
    return arguments -> {
      Bound bound = arguments.bind("chars?");
      boolean space = bound.get("chars") == PythonValue.NONE;
      String characters = space ? "" : bound.text("chars");
      String result = text;
      if (start) {
        result = space ? PythonText.stripStart(result) : PythonText.stripStart(result, characters);
      }
      if (end) {
        result = space ? PythonText.stripEnd(result) : PythonText.stripEnd(result, characters);
      }
      return result;
    };
  }

  private static Function split(String text, boolean fromEnd) {
    return arguments -> {
      Bound bound = arguments.bind("sep?", "maxsplit?");
      long most = bound.number("maxsplit", -1);
      if (bound.get("sep") == PythonValue.NONE) {
        if (fromEnd && most >= 0) {
          throw new JinjaException("rsplit needs a separator here");
        }
        return PythonValue.list(PythonText.split(text, most));
      }
      String separator = separator(bound.text("sep"));
      return PythonValue.list(
          fromEnd
              ? PythonText.splitFromEnd(text, separator, most)
              : PythonText.split(text, separator, most));
    };
  }

  private static String separator(String separator) {
    if (separator.isEmpty()) {
      throw new JinjaException("a text cannot be split at an empty separator");
    }
    return separator;
  }

  private static Function partition(String text, boolean last) {
    return arguments -> {
      String separator = separator(arguments.bind("sep").text("sep"));
      int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
      if (at < 0) {
        return last ? PythonValue.tuple("", "", text) : PythonValue.tuple(text, "", "");
      }
      return PythonValue.tuple(
          text.substring(0, at), separator, text.substring(at + separator.length()));
    };
  }

  private static Function affix(String text, boolean start) {
    return arguments -> {
      Object affix = arguments.bind("affix").get("affix");
      List<Object> affixes = affix instanceof PyList list ? list.items() : List.of(affix);
      for (Object each : affixes) {
        String one = PythonValue.toText(each);
        if (start ? text.startsWith(one) : text.endsWith(one)) {
          return true;
        }
      }
      return false;
    };
  }

  private static Function find(String text, boolean last, boolean mustExist) {
    return arguments -> {
      String part = arguments.bind("sub").text("sub");
      int at = last ? text.lastIndexOf(part) : text.indexOf(part);
      if (at < 0 && mustExist) {
        throw new JinjaException("the text to find is not there");
      }
      return at < 0 ? -1L : (long) text.codePointCount(0, at);
    };
  }

  private static String swapCase(String text) {
    StringBuilder swapped = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                swapped.append(
                    Character.isUpperCase(c)
                        ? PythonText.lower(Character.toString(c))
                        : PythonText.upper(Character.toString(c))));
    return swapped.toString();
  }

  static String replace(String text, String old, String with, long most, Budget budget) {
    List<Object> parts = old.isEmpty() ? betweenAll(text, most) : PythonText.split(text, old, most);
    return join(with, parts, budget);
  }

  /** An empty text is found before every character and at the end. */
  private static List<Object> betweenAll(String text, long most) {
    List<Object> parts = new ArrayList<>(List.of(""));
    int i = 0;
    while (i < text.length() && (most < 0 || parts.size() < most)) {
      int next = text.offsetByCodePoints(i, 1);
      parts.add(text.substring(i, next));
      i = next;
    }
    if (most == 0) {
      return new ArrayList<>(List.of(text));
    }
    parts.add(text.substring(i));
    return parts;
  }

  static String join(String separator, List<Object> parts, Budget budget) {
    long length = 0;
    for (Object part : parts) {
      length += separator.length() + ((String) part).length();
    }
    budget.text(length);
    StringBuilder joined = new StringBuilder((int) length);
    for (int i = 0; i < parts.size(); i++) {
      joined.append(i == 0 ? "" : separator).append((String) parts.get(i));
    }
    return joined.toString();
  }
}
