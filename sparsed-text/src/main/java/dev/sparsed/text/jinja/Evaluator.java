package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.Node.Arguments;
import dev.sparsed.text.jinja.Node.Attribute;
import dev.sparsed.text.jinja.Node.Binary;
import dev.sparsed.text.jinja.Node.Call;
import dev.sparsed.text.jinja.Node.Comparison;
import dev.sparsed.text.jinja.Node.Concatenation;
import dev.sparsed.text.jinja.Node.Conditional;
import dev.sparsed.text.jinja.Node.Constant;
import dev.sparsed.text.jinja.Node.Dictionary;
import dev.sparsed.text.jinja.Node.Expression;
import dev.sparsed.text.jinja.Node.Filter;
import dev.sparsed.text.jinja.Node.Name;
import dev.sparsed.text.jinja.Node.Sequence;
import dev.sparsed.text.jinja.Node.Slice;
import dev.sparsed.text.jinja.Node.Subscript;
import dev.sparsed.text.jinja.Node.Test;
import dev.sparsed.text.jinja.Node.Unary;
import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.Kind;
import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes the expressions of a template. */
final class Evaluator {

  private final Rendering state;

  Evaluator(Rendering state) {
    this.state = state;
  }

  Object value(Expression expression) {
    state.budget.spend(1);
    if (expression instanceof Constant constant) {
      return constant.value();
    } else if (expression instanceof Name name) {
      return state.scope.get(name.name());
    } else if (expression instanceof Attribute attribute) {
      Object object = value(attribute.object());
      state.line = attribute.line();
      return Members.attribute(object, attribute.name());
    } else if (expression instanceof Subscript subscript) {
      return item(subscript);
    } else if (expression instanceof Sequence sequence) {
      List<Object> items = new ArrayList<>();
      for (Expression item : sequence.items()) {
        items.add(value(item));
      }
      return new PyList(items, sequence.tuple() ? Kind.TUPLE : Kind.LIST);
    } else if (expression instanceof Dictionary dictionary) {
      return map(dictionary);
    } else if (expression instanceof Call call) {
      return call(call, null);
    } else if (expression instanceof Filter filter) {
      Expression filtered = filter.value();
      if (filtered == null) {
        throw new IllegalStateException("a filter without a value");
      }
      return filtered(filter, value(filtered));
    } else if (expression instanceof Test test) {
      Object tested = value(test.value());
      return Tests.test(test.name(), tested, arguments(test.name(), test.arguments(), null));
    } else if (expression instanceof Unary unary) {
      return unary(unary);
    } else if (expression instanceof Binary binary) {
      return binary(binary);
    } else if (expression instanceof Concatenation concatenation) {
      StringBuilder text = new StringBuilder();
      for (Expression part : concatenation.parts()) {
        text.append(PythonPrinting.str(value(part)));
        state.budget.text(text.length());
      }
      return text.toString();
    } else if (expression instanceof Comparison comparison) {
      return compare(comparison);
    } else if (expression instanceof Conditional conditional) {
      if (PythonValue.isTrue(value(conditional.condition()))) {
        return value(conditional.then());
      }
      Expression otherwise = conditional.otherwise();
      return otherwise == null
          ? new Undefined("an expression with if but without else has no value")
          : value(otherwise);
    }
    throw new JinjaException("a slice can only stand in brackets");
  }

  private Object item(Subscript subscript) {
    Object object = value(subscript.object());
    Object result;
    if (subscript.key() instanceof Slice slice) {
      state.budget.spend(object instanceof String text ? text.length() / 4 : 1);
      result =
          PythonSlice.of(object, orNone(slice.start()), orNone(slice.stop()), orNone(slice.step()));
    } else {
      result = Members.item(object, value(subscript.key()));
    }
    return result;
  }

  private Object orNone(@Nullable Expression expression) {
    return expression == null ? PythonValue.NONE : value(expression);
  }

  private Map<String, Object> map(Dictionary dictionary) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < dictionary.keys().size(); i++) {
      Object key = value(dictionary.keys().get(i));
      if (!(key instanceof String name)) {
        throw new JinjaException("a dict is supported with str keys only");
      }
      map.put(name, value(dictionary.values().get(i)));
    }
    return map;
  }

  private Object unary(Unary unary) {
    Object operand = value(unary.value());
    return switch (unary.operator()) {
      case "not" -> !PythonValue.isTrue(operand);
      case "-" -> PythonArithmetic.negate(operand);
      default -> operand instanceof Double ? operand : (Object) PythonValue.toLong(operand);
    };
  }

  private Object binary(Binary binary) {
    Object left = value(binary.left());
    if (binary.operator().equals("and")) {
      return PythonValue.isTrue(left) ? value(binary.right()) : left;
    } else if (binary.operator().equals("or")) {
      return PythonValue.isTrue(left) ? left : value(binary.right());
    }
    Object right = value(binary.right());
    state.line = binary.line();
    return PythonArithmetic.compute(binary.operator(), left, right, state.budget);
  }

  private boolean compare(Comparison comparison) {
    Object left = value(comparison.first());
    for (int i = 0; i < comparison.operators().size(); i++) {
      Object right = value(comparison.others().get(i));
      boolean holds =
          switch (comparison.operators().get(i)) {
            case "==" -> PythonComparison.equal(left, right);
            case "!=" -> !PythonComparison.equal(left, right);
            case "<" -> PythonComparison.compare(left, right) < 0;
            case "<=" -> PythonComparison.compare(left, right) <= 0;
            case ">" -> PythonComparison.compare(left, right) > 0;
            case ">=" -> PythonComparison.compare(left, right) >= 0;
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            default -> throw new IllegalStateException();
          };
      if (!holds) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private boolean contains(Object container, Object value) {
    state.budget.spend(
        container instanceof String text
            ? text.length() / 4
            : container instanceof PyList list ? list.items().size() : 1);
    return PythonComparison.contains(container, value);
  }

  Object filtered(Filter filter, Object value) {
    state.line = filter.line();
    CallArguments arguments = arguments(filter.name(), filter.arguments(), null);
    Expression inner = filter.value();
    // In the head of a filter block the innermost filter has no value of its own.
    Object start =
        inner instanceof Filter chained && isHeadless(chained) ? filtered(chained, value) : value;
    return Filters.apply(filter.name(), start, arguments);
  }

  private static boolean isHeadless(Filter filter) {
    Expression value = filter.value();
    return value == null || (value instanceof Filter inner && isHeadless(inner));
  }

  Object call(Call call, @Nullable Function caller) {
    Object function = value(call.function());
    state.line = call.line();
    if (!(function instanceof Function callable)) {
      PythonValue.defined(function);
      throw new JinjaException(
          "a value of type " + PythonValue.type(function) + " cannot be called");
    }
    return callable.call(arguments(describe(call.function()), call.arguments(), caller));
  }

  private static String describe(Expression function) {
    if (function instanceof Name name) {
      return name.name();
    }
    return function instanceof Attribute attribute ? attribute.name() : "the function";
  }

  private CallArguments arguments(String what, Arguments arguments, @Nullable Function caller) {
    List<Object> positional = new ArrayList<>();
    for (Expression argument : arguments.positional()) {
      positional.add(value(argument));
    }
    Map<String, Object> named = new LinkedHashMap<>();
    arguments.named().forEach((name, argument) -> named.put(name, value(argument)));
    if (caller != null) {
      named.put("caller", caller);
    }
    return new CallArguments(what, positional, named, state.budget);
  }
}
