package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.List;

/** Methods of Python's str that look for a part of it or cut it into parts. */
final class TextParts {

  private TextParts() {}

  static Object split(String text, boolean fromEnd, CallArguments arguments) {
    Bound bound = arguments.bind("sep?", "maxsplit?");
    long most = bound.number("maxsplit", -1);
    Budget budget = arguments.budget();
    if (bound.isNone("sep")) {
      return PythonValue.list(
          fromEnd
              ? PythonText.splitFromEnd(text, most, budget)
              : PythonText.split(text, most, budget));
    }
    String separator = separator(bound);
    return PythonValue.list(
        fromEnd
            ? PythonText.splitFromEnd(text, separator, most, budget)
            : PythonText.split(text, separator, most, budget));
  }

  private static String separator(Bound bound) {
    String separator = bound.text("sep");
    if (separator.isEmpty()) {
      throw new JinjaException("a text cannot be split at an empty separator");
    }
    return separator;
  }

  static Object lines(String text, CallArguments arguments) {
    boolean keepEnds = arguments.bind("keepends?").flag("keepends", false);
    return PythonValue.list(PythonText.lines(text, keepEnds, arguments.budget()));
  }

  static Object partition(String text, boolean last, CallArguments arguments) {
    Budget budget = arguments.budget();
    String separator = separator(arguments.bind("sep"));
    int at =
        last
            ? TextSearch.last(text, separator, text.length(), budget)
            : TextSearch.first(text, separator, 0, budget);
    if (at < 0) {
      return last ? PythonValue.tuple("", "", text) : PythonValue.tuple(text, "", "");
    }
    return PythonValue.tuple(
        PythonText.part(text, 0, at, budget),
        separator,
        PythonText.part(text, at + separator.length(), text.length(), budget));
  }

  static Object affix(String text, boolean start, CallArguments arguments) {
    Bound bound = arguments.bind("affix", "start?", "end?");
    Range range = Range.of(text, bound);
    Object affix = bound.get("affix");
    boolean several = affix instanceof PyList list && list.kind().isTuple();
    List<Object> affixes = several ? PythonValue.items(affix, arguments.budget()) : List.of(affix);
    for (Object each : affixes) {
      String one = PythonValue.text(each);
      arguments.budget().read(one.length());
      int at = start ? range.from : range.to - one.length();
      if (range.from + one.length() <= range.to && text.startsWith(one, at)) {
        return true;
      }
    }
    return false;
  }

  static Object without(String text, boolean start, CallArguments arguments) {
    Budget budget = arguments.budget();
    String affix = arguments.bind(start ? "prefix" : "suffix").text(start ? "prefix" : "suffix");
    budget.read(affix.length());
    if (start) {
      return text.startsWith(affix)
          ? PythonText.part(text, affix.length(), text.length(), budget)
          : text;
    }
    return text.endsWith(affix)
        ? PythonText.part(text, 0, text.length() - affix.length(), budget)
        : text;
  }

  static Object find(String text, boolean last, boolean mustExist, CallArguments arguments) {
    Budget budget = arguments.budget();
    Bound bound = arguments.bind("sub", "start?", "end?");
    Range range = Range.of(text, bound);
    String part = bound.text("sub");
    int at = -1;
    if (range.from <= range.to) {
      String within = PythonText.part(text, 0, range.to, budget);
      at =
          last
              ? TextSearch.last(within, part, range.to, budget)
              : TextSearch.first(within, part, range.from, budget);
    }
    if (at < range.from) {
      if (mustExist) {
        throw new JinjaException("the text to find is not there");
      }
      return -1L;
    }
    budget.read(at);
    return (long) text.codePointCount(0, at);
  }

  static Object count(String text, CallArguments arguments) {
    Budget budget = arguments.budget();
    Bound bound = arguments.bind("sub", "start?", "end?");
    Range range = Range.of(text, bound);
    String part = bound.text("sub");
    if (range.from > range.to) {
      return 0L;
    }
    String within = PythonText.part(text, range.from, range.to, budget);
    if (part.isEmpty()) {
      return PythonText.length(within, budget) + 1L;
    }
    long count = 0;
    int at = TextSearch.first(within, part, 0, budget);
    while (at >= 0) {
      count++;
      at = TextSearch.first(within, part, at + part.length(), budget);
    }
    return count;
  }

  /**
   * Where a method looks, in Java's places; empty in Python's sense where {@code from} is larger.
   *
   * @param from the first place
   * @param to the place after the last
   */
  private record Range(int from, int to) {

    static Range of(String text, Bound bound) {
      if (bound.isNone("start") && bound.isNone("end")) {
        return new Range(0, text.length());
      }
      int size = PythonText.length(text, bound.budget());
      int end = bound.isNone("end") ? size : clipped(bound.number("end", 0), size);
      long given = bound.isNone("start") ? 0 : bound.number("start", 0);
      if (given > size) {
        return new Range(1, 0);
      }
      int start = clipped(given, size);
      bound.budget().read(2L * text.length());
      return new Range(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end));
    }

    private static int clipped(long index, int size) {
      return (int) Math.max(0, Math.min(size, index < 0 ? index + size : index));
    }
  }
}
