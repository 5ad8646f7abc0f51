package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Stream;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.util.Map;
import java.util.Set;

/** Jinja2's tests: what may stand behind {@code is}. */
final class Tests {

  private static final Set<String> WITHOUT_ARGUMENT =
      Set.of(
          "defined",
          "undefined",
          "none",
          "string",
          "number",
          "integer",
          "float",
          "boolean",
          "true",
          "false",
          "mapping",
          "sequence",
          "iterable",
          "callable",
          "odd",
          "even",
          "lower",
          "upper");

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

  static boolean isKnown(String name) {
    return WITHOUT_ARGUMENT.contains(name) || WITH_ARGUMENT.contains(name);
  }

  static boolean test(String name, Object value, CallArguments arguments) {
    arguments.budget().spend(1);
    if (WITH_ARGUMENT.contains(name)) {
      return compare(name, value, arguments.bind("other").get("other"));
    } else if (!isKnown(name)) {
      throw new JinjaException("the test " + name + " is not supported");
    }
    arguments.bind();
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == PythonValue.NONE;
      case "string" -> value instanceof String;
      case "number" -> PythonValue.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value.equals(true);
      case "false" -> value.equals(false);
      case "mapping" -> value instanceof Map;
      case "sequence" -> hasItems(value);
      case "iterable" -> hasItems(value) || value instanceof Stream;
      case "callable" -> value instanceof Function;
      case "odd" -> Math.floorMod(PythonValue.toLong(value), 2L) == 1;
      case "even" -> Math.floorMod(PythonValue.toLong(value), 2L) == 0;
      case "lower" -> PythonText.isCased(PythonPrinting.str(value), false);
      case "upper" -> PythonText.isCased(PythonPrinting.str(value), true);
      default -> throw new IllegalStateException(name);
    };
  }

  private static boolean hasItems(Object value) {
    return value instanceof String
        || value instanceof PyList
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean compare(String name, Object value, Object other) {
    return switch (name) {
      case "divisibleby" -> {
        long divisor = PythonValue.toLong(other);
        if (divisor == 0) {
          throw new JinjaException("division by zero");
        }
        yield PythonValue.toLong(value) % divisor == 0;
      }
      case "sameas" -> {
        if (!(other instanceof Boolean) && other != PythonValue.NONE) {
          throw new JinjaException("sameas is supported for true, false and none only");
        }
        yield value.equals(other);
      }
      case "in" -> PythonComparison.contains(other, value);
      case "eq", "equalto", "==" -> PythonComparison.equal(value, other);
      case "ne", "!=" -> !PythonComparison.equal(value, other);
      case "lt", "lessthan", "<" -> PythonComparison.compare(value, other) < 0;
      case "le", "<=" -> PythonComparison.compare(value, other) <= 0;
      case "gt", "greaterthan", ">" -> PythonComparison.compare(value, other) > 0;
      case "ge", ">=" -> PythonComparison.compare(value, other) >= 0;
      default -> throw new IllegalStateException(name);
    };
  }
}
