package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Stream;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.Map;
import java.util.Set;

/** Jinja2's tests: what may stand behind {@code is}. */
final class Tests {

  private static final Set<String> WITH_ARGUMENT =
      Set.of(
          "divisibleby",
          "sameas",
          "in",
          "eq",
          "equalto",
          "==",
          "ne",
          "!=",
          "lt",
          "lessthan",
          "<",
          "le",
          "<=",
          "gt",
          "greaterthan",
          ">",
          "ge",
          ">=");

  private Tests() {}

  static boolean test(String name, Object value, CallArguments arguments) {
    Budget budget = arguments.budget();
    budget.steps(1);
    if (WITH_ARGUMENT.contains(name)) {
      return compare(name, value, arguments.bind("other").get("other"), budget);
    }
    arguments.bind();
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == PythonValue.NONE;
      case "string" -> PythonValue.isText(value);
      case "escaped" -> value instanceof Markup;
      case "number" -> PythonValue.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value.equals(true);
      case "false" -> value.equals(false);
      case "mapping" -> value instanceof Map;
      case "sequence" -> isSequence(value) || value instanceof Map;
      case "iterable" ->
          isSequence(value)
              || value instanceof Map
              || value instanceof PyList
              || value instanceof Stream
              || value instanceof LoopVariable;
      case "callable" -> value instanceof Function || value instanceof Undefined;
      case "odd" -> isRest(value, 2L, 1, budget);
      case "even" -> isRest(value, 2L, 0, budget);
      case "lower" -> TextCase.isCased(PythonPrinting.str(value, budget), false, budget);
      case "upper" -> TextCase.isCased(PythonPrinting.str(value, budget), true, budget);
      default -> throw new JinjaException("the test " + name + " is not supported");
    };
  }

  private static boolean isSequence(Object value) {
    return PythonValue.isText(value)
        || (value instanceof PyList list && !list.kind().isView())
        || value instanceof Undefined;
  }

  private static boolean isRest(Object value, Object divisor, long rest, Budget budget) {
    Object actual = PythonArithmetic.compute("%", value, divisor, budget);
    return PythonComparison.equal(actual, rest, budget);
  }

  private static boolean compare(String name, Object value, Object other, Budget budget) {
    return switch (name) {
      case "divisibleby" -> isRest(value, other, 0, budget);
      case "sameas" -> {
        if (!(other instanceof Boolean) && other != PythonValue.NONE) {
          throw new JinjaException("sameas is supported for true, false and none only");
        }
        yield value.equals(other);
      }
      case "in" -> PythonComparison.contains(other, value, budget);
      case "eq", "equalto", "==" -> PythonComparison.equal(value, other, budget);
      case "ne", "!=" -> !PythonComparison.equal(value, other, budget);
      case "lt", "lessthan", "<" -> PythonComparison.compare(value, other, budget) < 0;
      case "le", "<=" -> PythonComparison.compare(value, other, budget) <= 0;
      case "gt", "greaterthan", ">" -> PythonComparison.compare(value, other, budget) > 0;
      case "ge", ">=" -> PythonComparison.compare(value, other, budget) >= 0;
      default -> throw new IllegalStateException(name);
    };
  }
}
