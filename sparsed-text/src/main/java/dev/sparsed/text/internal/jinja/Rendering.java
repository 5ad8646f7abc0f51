package dev.sparsed.text.internal.jinja;

import java.util.Map;

/** Where a rendering stands: what statements and expressions share. */
final class Rendering {

  final Budget budget = new Budget();
  Scope scope;
  int line = 1;

  /**
   * At a template's start.
   *
   * @param variables what the template sees; its own assignments hide them
   */
  Rendering(Map<String, Object> variables) {
    Scope globals = new Scope(null);
    variables.forEach((name, value) -> globals.set(name, value, budget));
    scope = new Scope(globals);
  }

  /** Sets a variable where the rendering stands. */
  void set(String name, Object value) {
    scope.set(name, value, budget);
  }

  Object variable(String name) {
    return scope.get(name, budget);
  }
}
