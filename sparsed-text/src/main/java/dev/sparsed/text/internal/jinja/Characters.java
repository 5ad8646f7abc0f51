package dev.sparsed.text.internal.jinja;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** The code points of a text as a list of texts, made one by one as they are asked for. */
final class Characters extends AbstractList<Object> implements RandomAccess {

  private static final int[] NO_PAIRS = {};

  private final String text;
  private final int[] starts;
  private final int size;

  private Characters(String text, int[] starts, int size) {
    this.text = text;
    this.starts = starts;
    this.size = size;
  }

  static List<Object> of(String text, Budget budget) {
    int size = PythonText.length(text, budget);
    if (size == text.length()) {
      return new Characters(text, NO_PAIRS, size);
    }
    budget.steps(size / 4);
    budget.memory(4L * size);
    int[] starts = new int[size];
    int at = 0;
    for (int i = 0; i < size; i++) {
      starts[i] = at;
      at = text.offsetByCodePoints(at, 1);
    }
    return new Characters(text, starts, size);
  }

  @Override
  public Object get(int index) {
    return starts.length == 0
        ? String.valueOf(text.charAt(index))
        : Character.toString(text.codePointAt(starts[index]));
  }

  @Override
  public int size() {
    return size;
  }
}
