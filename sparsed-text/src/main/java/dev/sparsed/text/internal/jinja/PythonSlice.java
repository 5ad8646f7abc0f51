package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.List;

/** Parts of a text or list, by Python's rules. */
final class PythonSlice {

  private PythonSlice() {}

  /** {@code value[start:stop:step]}, any of the three {@link PythonValue#NONE}. */
  static Object of(Object value, Object start, Object stop, Object step, Budget budget) {
    PythonValue.defined(value);
    if (PythonValue.isText(value)) {
      String text = PythonValue.text(value);
      long by = step(step);
      Bounds bounds = new Bounds(PythonText.length(text, budget), start, stop, by);
      return HtmlText.like(
          value, by == 1 ? part(text, bounds, budget) : picked(text, bounds, budget));
    } else if (value instanceof PyList list && !list.kind().isView()) {
      List<Object> items = list.items();
      long by = step(step);
      Bounds bounds = new Bounds(items.size(), start, stop, by);
      return new PyList(
          items instanceof Lists.Range range ? part(range, bounds) : picked(items, bounds, budget),
          list.kind());
    }
    throw new JinjaException("a value of type " + PythonValue.type(value) + " has no slices");
  }

  private static long step(Object step) {
    long by = step == PythonValue.NONE ? 1 : PythonValue.toLong(step);
    if (by == 0) {
      throw new JinjaException("a slice cannot step by 0");
    }
    return by;
  }

  /** Places from which to which to step, within a value of a size. */
  private record Bounds(long from, long to, long by) {

    Bounds(int size, Object start, Object stop, long by) {
      this(
          bound(start, size, by, by > 0 ? 0 : size - 1L),
          bound(stop, size, by, by > 0 ? size : -1L),
          by);
    }

    private static long bound(Object index, int size, long by, long otherwise) {
      if (index == PythonValue.NONE) {
        return otherwise;
      }
      long given = PythonValue.toLong(index);
      long fromStart = given < 0 ? given + size : given;
      return Math.max(by > 0 ? 0 : -1, Math.min(by > 0 ? size : size - 1L, fromStart));
    }

    long count() {
      long distance = by > 0 ? to - from : from - to;
      // The step's size may be that of no long; then there is no second place.
      long size = by == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(by);
      return distance <= 0 ? 0 : (distance - 1) / size + 1;
    }
  }

  private static String part(String text, Bounds bounds, Budget budget) {
    if (bounds.count() == 0) {
      return "";
    }
    budget.read(2L * text.length());
    int from = text.offsetByCodePoints(0, (int) bounds.from());
    int to = text.offsetByCodePoints(from, (int) bounds.count());
    return PythonText.part(text, from, to, budget);
  }

  private static Lists.Range part(Lists.Range range, Bounds bounds) {
    long step = Math.multiplyExact(range.step, bounds.by());
    long first = range.start + bounds.from() * range.step;
    long end = range.start + bounds.to() * range.step;
    return new Lists.Range(first, end, step, (int) bounds.count());
  }

  private static String picked(String text, Bounds bounds, Budget budget) {
    List<Object> characters = Characters.of(text, budget);
    TextBuilder picked = new TextBuilder(budget);
    long at = bounds.from();
    for (long left = bounds.count(); left > 0; left--) {
      picked.append((String) characters.get((int) at));
      at += bounds.by();
    }
    return picked.toString();
  }

  private static List<Object> picked(List<Object> items, Bounds bounds, Budget budget) {
    budget.list(bounds.count());
    List<Object> picked = new ArrayList<>((int) bounds.count());
    long at = bounds.from();
    for (long left = bounds.count(); left > 0; left--) {
      picked.add(items.get((int) at));
      at += bounds.by();
    }
    return picked;
  }
}
