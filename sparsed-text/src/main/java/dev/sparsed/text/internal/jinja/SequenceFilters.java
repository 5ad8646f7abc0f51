package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Stream;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Jinja2's filters that choose, divide or add up items. */
final class SequenceFilters {

  private SequenceFilters() {}

  static Object length(Object value, CallArguments arguments) {
    arguments.bind();
    return PythonValue.length(value, arguments.budget());
  }

  static Object list(Object value, CallArguments arguments) {
    arguments.bind();
    Budget budget = arguments.budget();
    return PythonValue.list(Lists.copy(PythonValue.items(value, budget), budget));
  }

  static Object end(Object value, boolean first, CallArguments arguments) {
    arguments.bind();
    if (!first && value instanceof Stream) {
      throw new JinjaException("a filter's result has no last item; it lacks | list");
    }
    List<Object> items = PythonValue.items(value, arguments.budget());
    if (items.isEmpty()) {
      return new Undefined(
          () -> "the sequence is empty and has no " + (first ? "first" : "last") + " item");
    }
    Object item = items.get(first ? 0 : items.size() - 1);
    return PythonValue.isText(value) ? HtmlText.like(value, (String) item) : item;
  }

  static Object reverse(Object value, CallArguments arguments) {
    arguments.bind();
    Budget budget = arguments.budget();
    if (PythonValue.isText(value)) {
      return PythonSlice.of(value, PythonValue.NONE, PythonValue.NONE, -1L, budget);
    }
    List<Object> items = Lists.copy(PythonValue.items(value, budget), budget);
    Collections.reverse(items);
    return new Stream(items);
  }

  static Object items(Object value, CallArguments arguments) {
    arguments.bind();
    if (value instanceof Undefined) {
      return new Stream(List.of());
    } else if (value instanceof Map<?, ?> map) {
      return new Stream(Lists.pairs(map, arguments.budget()));
    }
    throw new JinjaException("only a dict has items");
  }

  static Object sum(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("attribute?", "start?");
    Budget budget = arguments.budget();
    Object sum = bound.get("start", 0L);
    if (PythonValue.isText(sum)) {
      throw new JinjaException("texts are joined, not summed up");
    }
    for (Object item : PythonValue.items(value, budget)) {
      budget.steps(1);
      Object part =
          bound.isNone("attribute")
              ? item
              : Members.path(item, bound.get("attribute"), PythonValue.NONE, budget);
      sum = PythonArithmetic.compute("+", sum, part, budget);
    }
    return sum;
  }

  /** Lists of so many items each. */
  static Object batch(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("linecount", "fill_with?");
    Budget budget = arguments.budget();
    long size = bound.number("linecount", 0);
    List<Object> items = Lists.copy(PythonValue.items(value, budget), budget);
    List<Object> batches = new ArrayList<>();
    if (size <= 0) {
      throw new JinjaException("batch is supported for 1 item and more");
    }
    for (int from = 0; from < items.size(); from += (int) Math.min(size, items.size())) {
      int to = (int) Math.min(items.size(), from + size);
      List<Object> batch = Lists.copy(items.subList(from, to), budget);
      if (!bound.isNone("fill_with") && batch.size() < size) {
        budget.list(size - batch.size());
        batch.addAll(Collections.nCopies((int) size - batch.size(), bound.get("fill_with")));
      }
      Lists.add(batches, PythonValue.list(batch), budget);
    }
    return new Stream(batches);
  }

  /** So many lists, the first of them longer where the items cannot be shared out evenly. */
  static Object slice(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("slices", "fill_with?");
    Budget budget = arguments.budget();
    List<Object> items = Lists.copy(PythonValue.items(value, budget), budget);
    long count = bound.number("slices", 0);
    if (count <= 0) {
      throw new JinjaException("slice is supported for 1 list and more");
    }
    budget.list(count);
    List<Object> slices = new ArrayList<>();
    long longer = items.size() % count;
    int from = 0;
    for (long i = 0; i < count; i++) {
      int to = from + (int) (items.size() / count) + (i < longer ? 1 : 0);
      List<Object> slice = Lists.copy(items.subList(from, to), budget);
      if (!bound.isNone("fill_with") && i >= longer) {
        Lists.add(slice, bound.get("fill_with"), budget);
      }
      Lists.add(slices, PythonValue.list(slice), budget);
      from = to;
    }
    return new Stream(slices);
  }
}
