package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.Node.Branch;
import dev.sparsed.text.jinja.Node.Break;
import dev.sparsed.text.jinja.Node.CallBlock;
import dev.sparsed.text.jinja.Node.Continue;
import dev.sparsed.text.jinja.Node.Expression;
import dev.sparsed.text.jinja.Node.Filter;
import dev.sparsed.text.jinja.Node.FilterBlock;
import dev.sparsed.text.jinja.Node.For;
import dev.sparsed.text.jinja.Node.Group;
import dev.sparsed.text.jinja.Node.If;
import dev.sparsed.text.jinja.Node.Macro;
import dev.sparsed.text.jinja.Node.Output;
import dev.sparsed.text.jinja.Node.Set;
import dev.sparsed.text.jinja.Node.SetBlock;
import dev.sparsed.text.jinja.Node.Statement;
import dev.sparsed.text.jinja.Node.Target;
import dev.sparsed.text.jinja.Node.Text;
import dev.sparsed.text.jinja.Node.With;
import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.Namespace;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a parsed template once, within a budget. */
final class Interpreter {

  /** How a list of statements was left. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final Rendering state;
  private final Evaluator expressions;
  private StringBuilder out = new StringBuilder();
  private int loopDepth;

  private Interpreter(Rendering state) {
    this.state = state;
    expressions = new Evaluator(state);
  }

  /**
   * Renders a template.
   *
   * @param variables what the template sees, functions included
   */
  static String render(List<Statement> template, Map<String, Object> variables) {
    Rendering state = new Rendering(variables);
    Interpreter interpreter = new Interpreter(state);
    try {
      interpreter.run(template);
    } catch (JinjaException e) {
      throw new JinjaException("line " + state.line + ": " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new JinjaException("line " + state.line + ": a number is too large", e);
    }
    return interpreter.out.toString();
  }

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
    state.line = statement.line();
    state.budget.spend(1);
    if (statement instanceof Text text) {
      write(text.text());
    } else if (statement instanceof Output output) {
      write(PythonPrinting.str(expressions.value(output.value())));
    } else if (statement instanceof If choice) {
      return run(choice);
    } else if (statement instanceof For loop) {
      run(loop);
    } else if (statement instanceof Set set) {
      assign(set.target(), expressions.value(set.value()));
    } else if (statement instanceof SetBlock set) {
      String text = captured(set.body());
      Filter filter = set.filter();
      assign(set.target(), filter == null ? text : expressions.filtered(filter, text));
    } else if (statement instanceof Macro macro) {
      state.scope.set(macro.name(), function(macro, state.scope));
    } else if (statement instanceof CallBlock block) {
      Function caller = function(block.caller(), state.scope);
      write(PythonPrinting.str(expressions.call(block.call(), caller)));
    } else if (statement instanceof FilterBlock block) {
      write(PythonPrinting.str(expressions.filtered(block.filter(), captured(block.body()))));
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
    state.budget.text(
        (long) out.length() + text.length() > Budget.MAX_TEXT
            ? (long) out.length() + text.length()
            : text.length());
    out.append(text);
  }

  private Flow run(If choice) {
    for (Branch branch : choice.branches()) {
      if (PythonValue.isTrue(expressions.value(branch.condition()))) {
        return run(branch.body());
      }
    }
    return run(choice.otherwise());
  }

  private Flow run(With with) {
    Scope outer = state.scope;
    List<Object> values = new ArrayList<>();
    for (Set set : with.assignments()) {
      values.add(expressions.value(set.value()));
    }
    state.scope = new Scope(outer);
    try {
      for (int i = 0; i < values.size(); i++) {
        assign(with.assignments().get(i).target(), values.get(i));
      }
      return run(with.body());
    } finally {
      state.scope = outer;
    }
  }

  private void run(For loop) {
    Scope outer = state.scope;
    List<Object> items = PythonValue.items(expressions.value(loop.items()));
    state.budget.spend(items.size());
    Expression condition = loop.condition();
    if (condition != null) {
      List<Object> kept = new ArrayList<>();
      for (Object item : items) {
        state.scope = new Scope(outer);
        assign(loop.target(), item);
        if (PythonValue.isTrue(expressions.value(condition))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    LoopVariable loopVariable = new LoopVariable(items, ++loopDepth);
    try {
      for (int i = 0; i < items.size(); i++) {
        state.budget.spend(1);
        loopVariable.at(i);
        state.scope = new Scope(outer);
        state.scope.set("loop", loopVariable);
        assign(loop.target(), items.get(i));
        if (run(loop.body()) == Flow.BREAK) {
          break;
        }
      }
      if (items.isEmpty()) {
        state.scope = new Scope(outer);
        run(loop.otherwise());
      }
    } finally {
      loopDepth--;
      state.scope = outer;
    }
  }

  private void assign(Target target, Object value) {
    String attribute = target.attribute();
    if (attribute != null) {
      if (!(state.scope.get(target.names().get(0)) instanceof Namespace namespace)) {
        throw new JinjaException("only a namespace's attributes can be set");
      }
      namespace.attributes.put(attribute, value);
    } else if (!target.unpacks()) {
      state.scope.set(target.names().get(0), value);
    } else {
      PythonValue.defined(value);
      List<Object> items = PythonValue.items(value);
      if (items.size() != target.names().size()) {
        throw new JinjaException(
            items.size() + " values cannot be shared out to " + target.names().size() + " names");
      }
      for (int i = 0; i < items.size(); i++) {
        state.scope.set(target.names().get(i), items.get(i));
      }
    }
  }

  private String captured(List<Statement> body) {
    StringBuilder before = out;
    Scope outer = state.scope;
    out = new StringBuilder();
    state.scope = new Scope(outer);
    try {
      run(body);
      return out.toString();
    } finally {
      out = before;
      state.scope = outer;
    }
  }

  private Function function(Macro macro, Scope definedIn) {
    return arguments -> {
      Scope outer = state.scope;
      int outerDepth = loopDepth;
      int outerLine = state.line;
      state.budget.enter();
      try {
        loopDepth = 0;
        state.scope = new Scope(definedIn);
        Object caller = arguments.named().get("caller");
        state.scope.set("caller", caller != null ? caller : new Undefined("'caller' is undefined"));
        bind(macro, arguments);
        return captured(macro.body());
      } finally {
        state.budget.leave();
        state.scope = outer;
        loopDepth = outerDepth;
        state.line = outerLine;
      }
    };
  }

  private void bind(Macro macro, CallArguments arguments) {
    List<String> parameters = macro.parameters();
    if (arguments.positional().size() > parameters.size()) {
      throw new JinjaException(
          "macro " + macro.name() + " takes at most " + parameters.size() + " arguments");
    }
    for (String name : arguments.named().keySet()) {
      if (!parameters.contains(name) && !name.equals("caller")) {
        throw new JinjaException("macro " + macro.name() + " has no parameter " + name);
      }
    }
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Object named = arguments.named().get(name);
      Expression otherwise = macro.defaults().get(name);
      Object value;
      if (i < arguments.positional().size()) {
        if (named != null) {
          throw new JinjaException("macro " + macro.name() + " is given " + name + " twice");
        }
        value = arguments.positional().get(i);
      } else if (named != null) {
        value = named;
      } else if (otherwise != null) {
        value = expressions.value(otherwise);
      } else {
        value = new Undefined("parameter '" + name + "' was not provided");
      }
      state.scope.set(name, value);
    }
  }
}
