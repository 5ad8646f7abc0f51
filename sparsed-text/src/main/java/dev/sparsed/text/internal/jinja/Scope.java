package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables, and where to look for those that are not here. */
final class Scope {

  private static final int BYTES_OF_SCOPE = 256;
  private static final int BYTES_OF_VARIABLE = 96;

  private final @Nullable Scope outer;
  private final Map<String, Object> variables = new HashMap<>();
  private boolean kept;

  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  Object get(String name, Budget budget) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
      budget.steps(1);
    }
    return new Undefined(() -> "there is no variable " + name);
  }

  void set(String name, Object value, Budget budget) {
    if (kept) {
      budget.memory(BYTES_OF_VARIABLE);
    }
    variables.put(name, value);
  }

  /** Accounts for a macro that keeps this scope, and those around it, for as long as it exists. */
  void keep(Budget budget) {
    for (Scope scope = this; scope != null && !scope.kept; scope = scope.outer) {
      budget.steps(1);
      budget.memory(BYTES_OF_SCOPE + (long) BYTES_OF_VARIABLE * scope.variables.size());
      scope.kept = true;
    }
  }
}
