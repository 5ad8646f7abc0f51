package dev.sparsed.models.text;

import dev.sparsed.models.text.JinjaNode.Arguments;
import dev.sparsed.models.text.JinjaNode.Attribute;
import dev.sparsed.models.text.JinjaNode.Binary;
import dev.sparsed.models.text.JinjaNode.Branch;
import dev.sparsed.models.text.JinjaNode.Break;
import dev.sparsed.models.text.JinjaNode.Call;
import dev.sparsed.models.text.JinjaNode.CallBlock;
import dev.sparsed.models.text.JinjaNode.Comparison;
import dev.sparsed.models.text.JinjaNode.Concatenation;
import dev.sparsed.models.text.JinjaNode.Conditional;
import dev.sparsed.models.text.JinjaNode.Constant;
import dev.sparsed.models.text.JinjaNode.Continue;
import dev.sparsed.models.text.JinjaNode.Dictionary;
import dev.sparsed.models.text.JinjaNode.Expression;
import dev.sparsed.models.text.JinjaNode.Filter;
import dev.sparsed.models.text.JinjaNode.FilterBlock;
import dev.sparsed.models.text.JinjaNode.For;
import dev.sparsed.models.text.JinjaNode.Group;
import dev.sparsed.models.text.JinjaNode.If;
import dev.sparsed.models.text.JinjaNode.Macro;
import dev.sparsed.models.text.JinjaNode.Name;
import dev.sparsed.models.text.JinjaNode.Output;
import dev.sparsed.models.text.JinjaNode.Sequence;
import dev.sparsed.models.text.JinjaNode.Set;
import dev.sparsed.models.text.JinjaNode.SetBlock;
import dev.sparsed.models.text.JinjaNode.Slice;
import dev.sparsed.models.text.JinjaNode.Statement;
import dev.sparsed.models.text.JinjaNode.Subscript;
import dev.sparsed.models.text.JinjaNode.Target;
import dev.sparsed.models.text.JinjaNode.Test;
import dev.sparsed.models.text.JinjaNode.Text;
import dev.sparsed.models.text.JinjaNode.Unary;
import dev.sparsed.models.text.JinjaNode.With;
import dev.sparsed.models.text.PythonValue.Function;
import dev.sparsed.models.text.PythonValue.Kind;
import dev.sparsed.models.text.PythonValue.Namespace;
import dev.sparsed.models.text.PythonValue.PyList;
import dev.sparsed.models.text.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs a parsed template once, within a budget. */
final class JinjaInterpreter {

  /** How a list of statements was left. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  /** Variables, and where to look for those that are not here. */
  private static final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Object> variables = new HashMap<>();

    Scope(@Nullable Scope outer) {
      this.outer = outer;
    }

    Object get(String name) {
      for (Scope scope = this; scope != null; scope = scope.outer) {
        Object value = scope.variables.get(name);
        if (value != null) {
          return value;
        }
      }
      return new Undefined("'" + name + "' is undefined");
    }

    void set(String name, Object value) {
      variables.put(name, value);
    }
  }

  private final JinjaBudget budget = new JinjaBudget();
  private final Scope globals = new Scope(null);
  private StringBuilder out = new StringBuilder();
  private Scope scope = globals;
  private int loopDepth;
  private int line = 1;

  private JinjaInterpreter() {}

  /**
   * Renders a template.
   *
   * @param variables what the template sees, functions included
   */
  static String render(List<Statement> template, Map<String, Object> variables) {
    JinjaInterpreter interpreter = new JinjaInterpreter();
    interpreter.globals.variables.putAll(variables);
    interpreter.scope = new Scope(interpreter.globals);
    try {
      interpreter.run(template);
    } catch (ChatTemplateException e) {
      throw new ChatTemplateException("line " + interpreter.line + ": " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new ChatTemplateException("line " + interpreter.line + ": a number is too large", e);
    }
    return interpreter.out.toString();
  }

  // Statements

  private Flow run(List<Statement> statements) {
    for (Statement statement : statements) {
      Flow flow = run(statement);
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow run(Statement statement) {
    line = statement.line();
    budget.spend(1);
    if (statement instanceof Text text) {
      write(text.text());
    } else if (statement instanceof Output output) {
      write(PythonValue.str(value(output.value())));
    } else if (statement instanceof If choice) {
      return run(choice);
    } else if (statement instanceof For loop) {
      run(loop);
    } else if (statement instanceof Set set) {
      assign(set.target(), value(set.value()));
    } else if (statement instanceof SetBlock set) {
      String text = captured(set.body());
      Filter filter = set.filter();
      assign(set.target(), filter == null ? text : filtered(filter, text));
    } else if (statement instanceof Macro macro) {
      scope.set(macro.name(), function(macro, scope));
    } else if (statement instanceof CallBlock block) {
      Function caller = function(block.caller(), scope);
      write(PythonValue.str(call(block.call(), caller)));
    } else if (statement instanceof FilterBlock block) {
      write(PythonValue.str(filtered(block.filter(), captured(block.body()))));
    } else if (statement instanceof Group group) {
      return run(group.body());
    } else if (statement instanceof With with) {
      return run(with);
    } else if (statement instanceof Break) {
      return Flow.BREAK;
    } else if (statement instanceof Continue) {
      return Flow.CONTINUE;
    }
    return Flow.ON;
  }

  private void write(String text) {
    budget.text(
        (long) out.length() + text.length() > JinjaBudget.MAX_TEXT
            ? (long) out.length() + text.length()
            : text.length());
    out.append(text);
  }

  private Flow run(If choice) {
    for (Branch branch : choice.branches()) {
      if (PythonValue.isTrue(value(branch.condition()))) {
        return run(branch.body());
      }
    }
    return run(choice.otherwise());
  }

  private Flow run(With with) {
    Scope outer = scope;
    List<Object> values = new ArrayList<>();
    for (Set set : with.assignments()) {
      values.add(value(set.value()));
    }
    scope = new Scope(outer);
    try {
      for (int i = 0; i < values.size(); i++) {
        assign(with.assignments().get(i).target(), values.get(i));
      }
      return run(with.body());
    } finally {
      scope = outer;
    }
  }

  private void run(For loop) {
    Scope outer = scope;
    List<Object> items = PythonValue.items(value(loop.items()));
    budget.spend(items.size());
    Expression condition = loop.condition();
    if (condition != null) {
      List<Object> kept = new ArrayList<>();
      for (Object item : items) {
        scope = new Scope(outer);
        assign(loop.target(), item);
        if (PythonValue.isTrue(value(condition))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    JinjaLoop state = new JinjaLoop(items, ++loopDepth);
    try {
      for (int i = 0; i < items.size(); i++) {
        budget.spend(1);
        state.at(i);
        scope = new Scope(outer);
        scope.set("loop", state);
        assign(loop.target(), items.get(i));
        if (run(loop.body()) == Flow.BREAK) {
          break;
        }
      }
      if (items.isEmpty()) {
        scope = new Scope(outer);
        run(loop.otherwise());
      }
    } finally {
      loopDepth--;
      scope = outer;
    }
  }

  private void assign(Target target, Object value) {
    String attribute = target.attribute();
    if (attribute != null) {
      if (!(scope.get(target.names().get(0)) instanceof Namespace namespace)) {
        throw new ChatTemplateException("only a namespace's attributes can be set");
      }
      namespace.attributes.put(attribute, value);
    } else if (!target.unpacks()) {
      scope.set(target.names().get(0), value);
    } else {
      PythonValue.defined(value);
      List<Object> items = PythonValue.items(value);
      if (items.size() != target.names().size()) {
        throw new ChatTemplateException(
            items.size() + " values cannot be shared out to " + target.names().size() + " names");
      }
      for (int i = 0; i < items.size(); i++) {
        scope.set(target.names().get(i), items.get(i));
      }
    }
  }

  private String captured(List<Statement> body) {
    StringBuilder before = out;
    Scope outer = scope;
    out = new StringBuilder();
    scope = new Scope(outer);
    try {
      run(body);
      return out.toString();
    } finally {
      out = before;
      scope = outer;
    }
  }

  private Function function(Macro macro, Scope definedIn) {
    return arguments -> {
      Scope outer = scope;
      int outerDepth = loopDepth;
      int outerLine = line;
      budget.enter();
      try {
        loopDepth = 0;
        scope = new Scope(definedIn);
        Object caller = arguments.named().get("caller");
        scope.set("caller", caller != null ? caller : new Undefined("'caller' is undefined"));
        bind(macro, arguments);
        return captured(macro.body());
      } finally {
        budget.leave();
        scope = outer;
        loopDepth = outerDepth;
        line = outerLine;
      }
    };
  }

  private void bind(Macro macro, JinjaArguments arguments) {
    List<String> parameters = macro.parameters();
    if (arguments.positional().size() > parameters.size()) {
      throw new ChatTemplateException(
          "macro " + macro.name() + " takes at most " + parameters.size() + " arguments");
    }
    for (String name : arguments.named().keySet()) {
      if (!parameters.contains(name) && !name.equals("caller")) {
        throw new ChatTemplateException("macro " + macro.name() + " has no parameter " + name);
      }
    }
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Object named = arguments.named().get(name);
      Expression otherwise = macro.defaults().get(name);
      Object value;
      if (i < arguments.positional().size()) {
        if (named != null) {
          throw new ChatTemplateException("macro " + macro.name() + " is given " + name + " twice");
        }
        value = arguments.positional().get(i);
      } else if (named != null) {
        value = named;
      } else if (otherwise != null) {
        value = value(otherwise);
      } else {
        value = new Undefined("parameter '" + name + "' was not provided");
      }
      scope.set(name, value);
    }
  }

  // Expressions

  private Object value(Expression expression) {
    budget.spend(1);
    if (expression instanceof Constant constant) {
      return constant.value();
    } else if (expression instanceof Name name) {
      return scope.get(name.name());
    } else if (expression instanceof Attribute attribute) {
      Object object = value(attribute.object());
      line = attribute.line();
      return JinjaMembers.attribute(object, attribute.name());
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
      return JinjaTests.test(test.name(), tested, arguments(test.name(), test.arguments(), null));
    } else if (expression instanceof Unary unary) {
      return unary(unary);
    } else if (expression instanceof Binary binary) {
      return binary(binary);
    } else if (expression instanceof Concatenation concatenation) {
      StringBuilder text = new StringBuilder();
      for (Expression part : concatenation.parts()) {
        text.append(PythonValue.str(value(part)));
        budget.text(text.length());
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
    throw new ChatTemplateException("a slice can only stand in brackets");
  }

  private Object item(Subscript subscript) {
    Object object = value(subscript.object());
    Object result;
    if (subscript.key() instanceof Slice slice) {
      budget.spend(object instanceof String text ? text.length() / 4 : 1);
      result =
          PythonValue.slice(
              object, orNone(slice.start()), orNone(slice.stop()), orNone(slice.step()));
    } else {
      result = JinjaMembers.item(object, value(subscript.key()));
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
        throw new ChatTemplateException("a dict is supported with str keys only");
      }
      map.put(name, value(dictionary.values().get(i)));
    }
    return map;
  }

  private Object unary(Unary unary) {
    Object operand = value(unary.value());
    return switch (unary.operator()) {
      case "not" -> !PythonValue.isTrue(operand);
      case "-" -> PythonValue.negate(operand);
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
    line = binary.line();
    return PythonValue.compute(binary.operator(), left, right, budget);
  }

  private boolean compare(Comparison comparison) {
    Object left = value(comparison.first());
    for (int i = 0; i < comparison.operators().size(); i++) {
      Object right = value(comparison.others().get(i));
      boolean holds =
          switch (comparison.operators().get(i)) {
            case "==" -> PythonValue.equal(left, right);
            case "!=" -> !PythonValue.equal(left, right);
            case "<" -> PythonValue.compare(left, right) < 0;
            case "<=" -> PythonValue.compare(left, right) <= 0;
            case ">" -> PythonValue.compare(left, right) > 0;
            case ">=" -> PythonValue.compare(left, right) >= 0;
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
    budget.spend(
        container instanceof String text
            ? text.length() / 4
            : container instanceof PyList list ? list.items().size() : 1);
    return PythonValue.contains(container, value);
  }

  private Object filtered(Filter filter, Object value) {
    line = filter.line();
    JinjaArguments arguments = arguments(filter.name(), filter.arguments(), null);
    Expression inner = filter.value();
    // In the head of a filter block the innermost filter has no value of its own.
    Object start =
        inner instanceof Filter chained && isHeadless(chained) ? filtered(chained, value) : value;
    return JinjaFilters.apply(filter.name(), start, arguments);
  }

  private static boolean isHeadless(Filter filter) {
    Expression value = filter.value();
    return value == null || (value instanceof Filter inner && isHeadless(inner));
  }

  private Object call(Call call, @Nullable Function caller) {
    Object function = value(call.function());
    line = call.line();
    if (!(function instanceof Function callable)) {
      PythonValue.defined(function);
      throw new ChatTemplateException(
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

  private JinjaArguments arguments(String what, Arguments arguments, @Nullable Function caller) {
    List<Object> positional = new ArrayList<>();
    for (Expression argument : arguments.positional()) {
      positional.add(value(argument));
    }
    Map<String, Object> named = new LinkedHashMap<>();
    arguments.named().forEach((name, argument) -> named.put(name, value(argument)));
    if (caller != null) {
      named.put("caller", caller);
    }
    return new JinjaArguments(what, positional, named, budget);
  }
}
