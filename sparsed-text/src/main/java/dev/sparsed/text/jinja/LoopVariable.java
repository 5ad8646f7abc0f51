package dev.sparsed.text.jinja;

import java.util.List;

/** The variable {@code loop} of one pass through a loop. */
final class LoopVariable {

  private final List<Object> items;
  private final int depth;
  private int index;

  LoopVariable(List<Object> items, int depth) {
    this.items = items;
    this.depth = depth;
  }

  void at(int index) {
    this.index = index;
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
      case "cycle" ->
          (PythonValue.Function)
              arguments -> {
                if (arguments.positional().isEmpty()) {
                  throw new JinjaException("loop.cycle needs values");
                }
                return arguments.positional().get(index % arguments.positional().size());
              };
      default -> throw new JinjaException("loop." + name + " is not supported");
    };
  }

  private Object neighbour(int at, String which) {
    return at >= 0 && at < items.size()
        ? items.get(at)
        : new PythonValue.Undefined("there is no " + which + " item");
  }
}
