package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/** Lists, paid for before they are made. */
final class Lists {

  private Lists() {}

  /** A new list of the same values. */
  static List<Object> copy(Collection<?> items, Budget budget) {
    budget.list(items.size());
    if (items instanceof List && !(items instanceof ArrayList)) {
      budget.values(items.size()); // a range, a text's characters or a part of them: made only now
    }
    return new ArrayList<>(items);
  }

  /** Adds a value that was just made to a list that grows. */
  static void add(List<Object> list, Object value, Budget budget) {
    budget.values(1);
    list.add(value);
  }

  /** The entries of a dict as tuples. */
  static List<Object> pairs(Map<?, ?> map, Budget budget) {
    budget.map(map.size());
    List<Object> pairs = new ArrayList<>(map.size());
    map.forEach((key, value) -> Lists.add(pairs, PythonValue.tuple(key, value), budget));
    return pairs;
  }

  static PyList concatenated(PyList left, PyList right, Budget budget) {
    budget.list((long) left.items().size() + right.items().size());
    List<Object> items = new ArrayList<>(left.items().size() + right.items().size());
    items.addAll(left.items());
    items.addAll(right.items());
    return new PyList(items, left.kind());
  }

  static PyList repeated(PyList list, long times, Budget budget) {
    int size = list.items().size();
    long count = size == 0 ? 0 : Math.max(0, Math.min(times, Integer.MAX_VALUE));
    budget.list(size * count);
    List<Object> items = new ArrayList<>((int) (size * count));
    for (long i = 0; i < count; i++) {
      items.addAll(list.items());
    }
    return new PyList(items, list.kind());
  }

  /** The numbers of a range, which take no memory until they are copied. */
  static final class Range extends AbstractList<Object> implements RandomAccess {
    final long start;
    final long stop;
    final long step;
    private final int size;

    Range(long start, long stop, long step, int size) {
      this.start = start;
      this.stop = stop;
      this.step = step;
      this.size = size;
    }

    @Override
    public Object get(int index) {
      return start + index * step;
    }

    @Override
    public int size() {
      return size;
    }
  }
}
