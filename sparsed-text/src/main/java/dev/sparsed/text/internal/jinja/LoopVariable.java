package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Function;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of one pass through a loop. */
final class LoopVariable implements Function {

  private final List<Object> items;
  private final int depth;
  private final @Nullable Function recursion;
  private int index;
  private @Nullable Object changing;

  /**
   * For a loop.
   *
   * @param items what it runs over
   * @param depth 1, and one more each time that a recursive loop is called by itself
   * @param recursion renders the loop for other items, or null if it is not recursive
   */
  LoopVariable(List<Object> items, int depth, @Nullable Function recursion) {
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
  }

  void at(int index) {
    this.index = index;
  }

  @Override
  public Object call(CallArguments arguments) {
    if (recursion == null) {
      throw new JinjaException("loop can only be called in a loop that is marked recursive");
    }
    return recursion.call(arguments);
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> items.size() - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> (long) depth;
      case "depth0" -> depth - 1L;
      case "previtem" -> neighbour(index - 1, "previous");
      case "nextitem" -> neighbour(index + 1, "next");
      case "cycle" -> (Function) this::cycle;
      case "changed" -> (Function) this::changed;
      default -> new PythonValue.Undefined(() -> "a loop has no " + name);
    };
  }

  private Object neighbour(int at, String which) {
    return at >= 0 && at < items.size()
        ? items.get(at)
        : new PythonValue.Undefined(() -> "there is no " + which + " item");
  }

  private Object cycle(CallArguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw new JinjaException("loop.cycle needs values");
    }
    return arguments.positional().get(index % arguments.positional().size());
  }

  private Object changed(CallArguments arguments) {
    Object now = new PythonValue.PyList(arguments.positional(), PythonValue.Kind.TUPLE);
    Object before = changing;
    changing = now;
    return before == null || !PythonComparison.equal(before, now, arguments.budget());
  }
}
