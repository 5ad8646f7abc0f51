package dev.sparsed.text.internal.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Which of the names that only macros know stand in the macros that are being parsed: a macro takes
 * a block, further arguments or further names only if it says so by naming them.
 */
final class MacroUses {

  static final String CALLER = "caller";
  static final String LIST = "varargs";
  static final String MAP = "kwargs";

  private static final Set<String> NAMES = Set.of(CALLER, LIST, MAP);

  private final Deque<Set<String>> open = new ArrayDeque<>();

  void begin() {
    open.push(new HashSet<>());
  }

  Set<String> end() {
    return Set.copyOf(open.pop());
  }

  void named(String name) {
    if (NAMES.contains(name)) {
      open.forEach(names -> names.add(name));
    }
  }
}
