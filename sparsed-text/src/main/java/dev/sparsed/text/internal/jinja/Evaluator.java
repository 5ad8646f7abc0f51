package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.Arguments;
import dev.sparsed.text.internal.jinja.Node.Attribute;
import dev.sparsed.text.internal.jinja.Node.Binary;
import dev.sparsed.text.internal.jinja.Node.Call;
import dev.sparsed.text.internal.jinja.Node.Comparison;
import dev.sparsed.text.internal.jinja.Node.Concatenation;
import dev.sparsed.text.internal.jinja.Node.Conditional;
import dev.sparsed.text.internal.jinja.Node.Constant;
import dev.sparsed.text.internal.jinja.Node.Dictionary;
import dev.sparsed.text.internal.jinja.Node.Expression;
import dev.sparsed.text.internal.jinja.Node.Filter;
import dev.sparsed.text.internal.jinja.Node.FilterCall;
import dev.sparsed.text.internal.jinja.Node.Name;
import dev.sparsed.text.internal.jinja.Node.Sequence;
import dev.sparsed.text.internal.jinja.Node.Slice;
import dev.sparsed.text.internal.jinja.Node.Subscript;
import dev.sparsed.text.internal.jinja.Node.Test;
import dev.sparsed.text.internal.jinja.Node.Unary;
import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes the expressions of a template. */
final class Evaluator {

  private final Rendering state;
  private final Budget budget;

  Evaluator(Rendering state) {
    this.state = state;
    budget = state.budget;
  }

  Object value(Expression expression) {
    budget.steps(1);
    budget.enter();
    Object value = compute(expression);
    budget.leave();
    return value;
  }

  private Object compute(Expression expression) {
    if (expression instanceof Constant constant) {
      return constant.value();
    } else if (expression instanceof Name name) {
      return state.variable(name.name());
    } else if (expression instanceof Attribute attribute) {
      Object object = value(attribute.object());
      state.line = attribute.line();
      return Members.attribute(object, attribute.name(), budget);
    } else if (expression instanceof Subscript subscript) {
      return item(subscript);
    } else if (expression instanceof Sequence sequence) {
      return new PyList(values(sequence.items()), sequence.tuple() ? Kind.TUPLE : Kind.LIST);
    } else if (expression instanceof Dictionary dictionary) {
      return map(dictionary);
    } else if (expression instanceof Call call) {
      return call(call, null);
    } else if (expression instanceof Filter filter) {
      return filtered(filter.call(), value(filter.value()));
    } else if (expression instanceof Test test) {
      Object tested = value(test.value());
      return Tests.test(test.name(), tested, arguments(test.name(), test.arguments(), null));
    } else if (expression instanceof Unary unary) {
      return unary(unary);
    } else if (expression instanceof Binary binary) {
      return binary(binary);
    } else if (expression instanceof Concatenation concatenation) {
      TextBuilder text = new TextBuilder(budget);
      for (Expression part : concatenation.parts()) {
        text.append(PythonPrinting.str(value(part), budget));
      }
      return text.toString();
    } else if (expression instanceof Comparison comparison) {
      return compare(comparison);
    } else if (expression instanceof Conditional conditional) {
      return choose(conditional);
    }
    throw new JinjaException("a slice can only stand in brackets");
  }

  private List<Object> values(List<Expression> expressions) {
    budget.list(expressions.size());
    budget.values(expressions.size());
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(value(expression));
    }
    return values;
  }

  private Object item(Subscript subscript) {
    Object object = value(subscript.object());
    if (!(subscript.key() instanceof Slice slice)) {
      return Members.item(object, value(subscript.key()), budget);
    }
    return PythonSlice.of(
        object, orNone(slice.start()), orNone(slice.stop()), orNone(slice.step()), budget);
  }

  private Object orNone(@Nullable Expression expression) {
    return expression == null ? PythonValue.NONE : value(expression);
  }

  private Map<Object, Object> map(Dictionary dictionary) {
    budget.map(dictionary.keys().size());
    budget.values(dictionary.keys().size());
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < dictionary.keys().size(); i++) {
      Object key = PythonDict.key(value(dictionary.keys().get(i)), budget);
      map.put(key, value(dictionary.values().get(i)));
    }
    return map;
  }

  private Object choose(Conditional conditional) {
    if (PythonValue.isTrue(value(conditional.condition()))) {
      return value(conditional.then());
    }
    Expression otherwise = conditional.otherwise();
    return otherwise == null
        ? new Undefined(() -> "an expression with if but without else has no value")
        : value(otherwise);
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
    return PythonArithmetic.compute(binary.operator(), left, right, budget);
  }

  private boolean compare(Comparison comparison) {
    Object left = value(comparison.first());
    for (int i = 0; i < comparison.operators().size(); i++) {
      Object right = value(comparison.others().get(i));
      boolean holds =
          switch (comparison.operators().get(i)) {
            case "==" -> PythonComparison.equal(left, right, budget);
            case "!=" -> !PythonComparison.equal(left, right, budget);
            case "<" -> PythonComparison.compare(left, right, budget) < 0;
            case "<=" -> PythonComparison.compare(left, right, budget) <= 0;
            case ">" -> PythonComparison.compare(left, right, budget) > 0;
            case ">=" -> PythonComparison.compare(left, right, budget) >= 0;
            case "in" -> PythonComparison.contains(right, left, budget);
            case "not in" -> !PythonComparison.contains(right, left, budget);
            default -> throw new IllegalStateException();
          };
      if (!holds) {
        return false;
      }
      left = right;
    }
    return true;
  }

  Object filtered(FilterCall filter, Object value) {
    state.line = filter.line();
    return Filters.apply(filter.name(), value, arguments(filter.name(), filter.arguments(), null));
  }

  Object filtered(List<FilterCall> filters, Object start) {
    Object value = start;
    for (FilterCall filter : filters) {
      value = filtered(filter, value);
    }
    return value;
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
    if (arguments.isEmpty() && caller == null) {
      return new CallArguments(what, List.of(), Map.of(), budget);
    }
    List<Object> positional = values(arguments.positional());
    Map<String, Object> named = new LinkedHashMap<>();
    arguments.named().forEach((name, argument) -> named.put(name, value(argument)));
    if (arguments.list() != null) {
      Object list = value(arguments.list());
      PythonValue.defined(list);
      positional.addAll(Lists.copy(PythonValue.items(list, budget), budget));
    }
    if (arguments.map() != null) {
      addAll(what, named, value(arguments.map()));
    }
    if (caller != null) {
      named.put(MacroUses.CALLER, caller);
    }
    budget.map(named.size());
    return new CallArguments(what, positional, named, budget);
  }

  private void addAll(String what, Map<String, Object> named, Object map) {
    if (!(map instanceof Map<?, ?> further)) {
      PythonValue.defined(map);
      throw new JinjaException("only a dict gives arguments by name");
    }
    budget.map(further.size());
    for (Map.Entry<?, ?> entry : further.entrySet()) {
      String name = PythonDict.name(entry.getKey());
      budget.read(2L * name.length());
      if (named.put(name, entry.getValue()) != null) {
        throw new JinjaException(what + " is given " + name + " twice");
      }
    }
  }
}
