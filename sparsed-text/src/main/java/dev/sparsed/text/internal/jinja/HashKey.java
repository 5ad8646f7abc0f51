package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.List;

/** What stands for a value in a set, so that Java tells apart what Python does. */
final class HashKey {

  private HashKey() {}

  static Object of(Object value, Budget budget) {
    budget.steps(1);
    if (PythonValue.isText(value)) {
      budget.read(2L * PythonValue.text(value).length());
      return PythonValue.text(value);
    } else if (PythonValue.isInteger(value)) {
      return PythonValue.toLong(value);
    } else if (value instanceof Double number) {
      return number == Math.rint(number) && Math.abs(number) < 0x1p63
          ? (Object) (long) number.doubleValue()
          : value;
    } else if (value instanceof PyList list && list.kind().isTuple()) {
      return ofTuple(list, budget);
    } else if (value instanceof Undefined) {
      return Undefined.class; // all are equal
    }
    PythonDict.hashable(value);
    return value == PythonValue.NONE ? value : new Identity(value);
  }

  private static Object ofTuple(PyList list, Budget budget) {
    budget.enter();
    List<Object> keys = new ArrayList<>();
    for (Object item : list.items()) {
      Lists.add(keys, of(item, budget), budget);
    }
    budget.leave();
    return keys;
  }

  /** A value that equals only itself. */
  private record Identity(Object value) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Identity identity && identity.value == value;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(value);
    }
  }
}
