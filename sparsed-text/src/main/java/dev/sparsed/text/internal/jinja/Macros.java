package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.Expression;
import dev.sparsed.text.internal.jinja.Node.Macro;
import dev.sparsed.text.internal.jinja.Node.Statement;
import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes functions of a template's macros. */
final class Macros {

  private static final int BYTES_OF_FUNCTION = 128;

  private final Rendering state;
  private final Evaluator expressions;
  private final java.util.function.Function<List<Statement>, String> capture;

  Macros(
      Rendering state,
      Evaluator expressions,
      java.util.function.Function<List<Statement>, String> capture) {
    this.state = state;
    this.expressions = expressions;
    this.capture = capture;
  }

  /** A macro that sees, when it is called, the variables of the place where it stands. */
  Function function(Macro macro) {
    Scope definedIn = state.scope;
    definedIn.keep(state.budget);
    state.budget.memory(BYTES_OF_FUNCTION);
    return arguments -> {
      Scope outer = state.scope;
      int outerLine = state.line;
      state.scope = new Scope(definedIn);
      bind(macro, arguments);
      String text = capture.apply(macro.body());
      state.scope = outer;
      state.line = outerLine;
      return text;
    };
  }

  private void bind(Macro macro, CallArguments arguments) {
    List<String> parameters = macro.parameters();
    List<Object> given = arguments.positional();
    state.budget.steps(parameters.size() + arguments.named().size());
    Map<String, Object> left = new LinkedHashMap<>(arguments.named());
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Object named = i < given.size() ? null : left.remove(name);
      Expression otherwise = macro.defaults().get(name);
      Object value =
          i < given.size()
              ? given.get(i)
              : named != null
                  ? named
                  : otherwise != null
                      ? expressions.value(otherwise)
                      : new Undefined(() -> "there is no argument for the parameter " + name);
      state.set(name, value);
    }
    special(macro, arguments, left);
  }

  /** What a call gives beyond the parameters, which a macro takes if it names it. */
  private void special(Macro macro, CallArguments arguments, Map<String, Object> left) {
    Object caller = left.remove(MacroUses.CALLER);
    if (macro.specials().contains(MacroUses.CALLER)) {
      state.set(
          MacroUses.CALLER, caller != null ? caller : new Undefined(() -> "there is no caller"));
    } else if (caller != null) {
      throw arguments.wrong("does not name caller, so that it takes no block");
    }
    int count = macro.parameters().size();
    List<Object> given = arguments.positional();
    boolean tooMany = given.size() > count;
    if (macro.specials().contains(MacroUses.LIST)) {
      List<Object> rest = tooMany ? given.subList(count, given.size()) : List.of();
      state.set(
          MacroUses.LIST,
          new PythonValue.PyList(Lists.copy(rest, state.budget), PythonValue.Kind.TUPLE));
    } else if (tooMany) {
      throw arguments.wrong("takes at most " + count + " arguments");
    }
    if (macro.specials().contains(MacroUses.MAP)) {
      state.budget.map(left.size());
      state.set(MacroUses.MAP, left);
    } else if (!left.isEmpty()) {
      throw arguments.wrong("has no parameter " + left.keySet().iterator().next());
    }
  }
}
