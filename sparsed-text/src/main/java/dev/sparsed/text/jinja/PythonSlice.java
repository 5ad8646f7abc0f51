package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.Kind;
import dev.sparsed.text.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.List;

/** Parts of a text or list, by Python's rules. */
final class PythonSlice {

  private PythonSlice() {}

  /** {@code value[start:stop:step]}, any of the three {@link PythonValue#NONE}. */
  static Object of(Object value, Object start, Object stop, Object step) {
    List<Object> items;
    if (value instanceof String text) {
      items = PythonText.characters(text);
    } else if (value instanceof PyList list && list.kind() != Kind.VIEW) {
      items = list.items();
    } else {
      PythonValue.defined(value);
      throw new JinjaException("a value of type " + PythonValue.type(value) + " has no slices");
    }
    long by = step == PythonValue.NONE ? 1 : PythonValue.toLong(step);
    if (by == 0) {
      throw new JinjaException("a slice cannot step by 0");
    }
    int size = items.size();
    long least = by > 0 ? 0 : -1;
    long most = by > 0 ? size : size - 1L;
    long from =
        start == PythonValue.NONE
            ? (by > 0 ? least : most)
            : bound(PythonValue.toLong(start), size, least, most);
    long to =
        stop == PythonValue.NONE
            ? (by > 0 ? most : least)
            : bound(PythonValue.toLong(stop), size, least, most);
    List<Object> part = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      part.add(items.get((int) i));
      if (by > size || by < -size) {
        break;
      }
    }
    if (value instanceof PyList list) {
      return new PyList(part, list.kind());
    }
    StringBuilder text = new StringBuilder();
    part.forEach(text::append);
    return text.toString();
  }

  private static long bound(long index, int size, long least, long most) {
    long fromStart = index < 0 ? index + size : index;
    return Math.max(least, Math.min(most, fromStart));
  }
}
