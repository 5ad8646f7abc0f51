package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.Assignment;
import dev.sparsed.text.internal.jinja.Node.AttributeTarget;
import dev.sparsed.text.internal.jinja.Node.Branch;
import dev.sparsed.text.internal.jinja.Node.Break;
import dev.sparsed.text.internal.jinja.Node.CallBlock;
import dev.sparsed.text.internal.jinja.Node.Continue;
import dev.sparsed.text.internal.jinja.Node.Expression;
import dev.sparsed.text.internal.jinja.Node.FilterBlock;
import dev.sparsed.text.internal.jinja.Node.For;
import dev.sparsed.text.internal.jinja.Node.Generation;
import dev.sparsed.text.internal.jinja.Node.If;
import dev.sparsed.text.internal.jinja.Node.Macro;
import dev.sparsed.text.internal.jinja.Node.NameTarget;
import dev.sparsed.text.internal.jinja.Node.Output;
import dev.sparsed.text.internal.jinja.Node.SetBlock;
import dev.sparsed.text.internal.jinja.Node.Statement;
import dev.sparsed.text.internal.jinja.Node.Target;
import dev.sparsed.text.internal.jinja.Node.Text;
import dev.sparsed.text.internal.jinja.Node.TupleTarget;
import dev.sparsed.text.internal.jinja.Node.With;
import dev.sparsed.text.internal.jinja.PythonValue.Namespace;
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
  private final Budget budget;
  private final Evaluator expressions;
  private final Macros macros;
  private TextBuilder out;

  private Interpreter(Rendering state) {
    this.state = state;
    budget = state.budget;
    expressions = new Evaluator(state);
    macros = new Macros(state, expressions, this::captured);
    out = new TextBuilder(budget);
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
      budget.steps(1);
      budget.enter();
      Flow flow = run(statement);
      budget.leave();
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow run(Statement statement) {
    state.line = statement.line();
    if (statement instanceof Text text) {
      out.append(text.text());
    } else if (statement instanceof Output output) {
      write(expressions.value(output.value()));
    } else if (statement instanceof If choice) {
      return run(choice);
    } else if (statement instanceof For loop) {
      run(loop, expressions.value(loop.items()), 1);
    } else if (statement instanceof Assignment assignment) {
      assign(assignment.target(), expressions.value(assignment.value()));
    } else if (statement instanceof SetBlock set) {
      assign(set.target(), expressions.filtered(set.filters(), captured(set.body())));
    } else if (statement instanceof Macro macro) {
      state.set(macro.name(), macros.function(macro));
    } else if (statement instanceof CallBlock block) {
      write(expressions.call(block.call(), macros.function(block.caller())));
    } else if (statement instanceof FilterBlock block) {
      out.append(PythonValue.text(expressions.filtered(block.filters(), captured(block.body()))));
    } else if (statement instanceof Generation generation) {
      write(captured(generation.body()));
    } else if (statement instanceof With with) {
      return run(with);
    } else if (statement instanceof Break) {
      return Flow.BREAK;
    } else if (statement instanceof Continue) {
      return Flow.CONTINUE;
    }
    return Flow.ON;
  }

  private void write(Object value) {
    out.append(PythonPrinting.str(value, budget));
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
    for (Assignment assignment : with.assignments()) {
      values.add(expressions.value(assignment.value()));
    }
    state.scope = new Scope(outer);
    for (int i = 0; i < values.size(); i++) {
      assign(with.assignments().get(i).target(), values.get(i));
    }
    Flow flow = run(with.body());
    state.scope = outer;
    return flow;
  }

  private void run(For loop, Object value, int depth) {
    Scope outer = state.scope;
    List<Object> items = chosen(loop, PythonValue.items(value, budget), outer);
    budget.memory(128); // what the loop knows of itself, which a template may keep
    LoopVariable variable =
        new LoopVariable(items, depth, loop.recursive() ? again(loop, outer, depth) : null);
    for (int i = 0; i < items.size(); i++) {
      budget.steps(2);
      variable.at(i);
      state.scope = new Scope(outer);
      state.set("loop", variable);
      assign(loop.target(), items.get(i));
      if (run(loop.body()) == Flow.BREAK) {
        break;
      }
    }
    if (items.isEmpty()) {
      state.scope = new Scope(outer);
      run(loop.otherwise());
    }
    state.scope = outer;
  }

  /** The items that pass the loop's condition. */
  private List<Object> chosen(For loop, List<Object> items, Scope outer) {
    Expression condition = loop.condition();
    if (condition == null) {
      return items;
    }
    List<Object> chosen = new ArrayList<>();
    for (Object item : items) {
      budget.steps(2);
      state.scope = new Scope(outer);
      assign(loop.target(), item);
      if (PythonValue.isTrue(expressions.value(condition))) {
        Lists.add(chosen, item, budget);
      }
    }
    return chosen;
  }

  /** What {@code loop(items)} does in a recursive loop. */
  private PythonValue.Function again(For loop, Scope definedIn, int depth) {
    definedIn.keep(budget);
    return arguments -> {
      Object items = arguments.bind("iterable").get("iterable");
      Scope outer = state.scope;
      TextBuilder before = out;
      out = new TextBuilder(budget);
      state.scope = definedIn;
      run(loop, items, depth + 1);
      String text = out.toString();
      out = before;
      state.scope = outer;
      return text;
    };
  }

  private void assign(Target target, Object value) {
    if (target instanceof NameTarget name) {
      state.set(name.name(), value);
    } else if (target instanceof AttributeTarget attribute) {
      if (!(state.variable(attribute.namespace()) instanceof Namespace namespace)) {
        throw new JinjaException("only a namespace's attributes can be set");
      }
      if (namespace.attributes.put(attribute.attribute(), value) == null) {
        budget.map(1);
      }
    } else if (target instanceof TupleTarget tuple) {
      PythonValue.defined(value);
      List<Object> items = PythonValue.items(value, budget);
      int size = tuple.targets().size();
      if (items.size() != size) {
        throw new JinjaException(
            items.size() + " values cannot be shared out to " + size + " names");
      }
      budget.steps(size);
      for (int i = 0; i < size; i++) {
        assign(tuple.targets().get(i), items.get(i));
      }
    }
  }

  /** What statements write, run in a scope of their own. */
  private String captured(List<Statement> body) {
    TextBuilder before = out;
    Scope outer = state.scope;
    out = new TextBuilder(budget);
    state.scope = new Scope(outer);
    run(body);
    String text = out.toString();
    out = before;
    state.scope = outer;
    return text;
  }
}
