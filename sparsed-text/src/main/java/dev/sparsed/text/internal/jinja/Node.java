package dev.sparsed.text.internal.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parts of a parsed template. Every part knows the line it stands in. */
sealed interface Node {

  int line();

  /** What has a value. */
  sealed interface Expression extends Node {}

  /** What has an effect. */
  sealed interface Statement extends Node {}

  record Constant(int line, Object value) implements Expression {}

  record Name(int line, String name) implements Expression {}

  record Attribute(int line, Expression object, String name) implements Expression {}

  record Subscript(int line, Expression object, Expression key) implements Expression {}

  record Slice(
      int line, @Nullable Expression start, @Nullable Expression stop, @Nullable Expression step)
      implements Expression {}

  record Sequence(int line, List<Expression> items, boolean tuple) implements Expression {}

  record Dictionary(int line, List<Expression> keys, List<Expression> values)
      implements Expression {}

  /**
   * What a call is given.
   *
   * @param list further arguments by position, {@code *list}
   * @param map further arguments by name, {@code **map}
   */
  record Arguments(
      List<Expression> positional,
      Map<String, Expression> named,
      @Nullable Expression list,
      @Nullable Expression map) {

    static final Arguments NONE = new Arguments(List.of(), Map.of(), null, null);

    boolean isEmpty() {
      return positional.isEmpty() && named.isEmpty() && list == null && map == null;
    }
  }

  record Call(int line, Expression function, Arguments arguments) implements Expression {}

  record Filter(int line, Expression value, FilterCall call) implements Expression {}

  /** A filter by name, without what it is applied to. */
  record FilterCall(int line, String name, Arguments arguments) {}

  record Test(int line, Expression value, String name, Arguments arguments) implements Expression {}

  record Unary(int line, String operator, Expression value) implements Expression {}

  record Binary(int line, String operator, Expression left, Expression right)
      implements Expression {}

  record Concatenation(int line, List<Expression> parts) implements Expression {}

  record Comparison(int line, Expression first, List<String> operators, List<Expression> others)
      implements Expression {}

  record Conditional(
      int line, Expression condition, Expression then, @Nullable Expression otherwise)
      implements Expression {}

  record Text(int line, String text) implements Statement {}

  record Output(int line, Expression value) implements Statement {}

  record Branch(Expression condition, List<Statement> body) {}

  record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

  /** A loop; {@code condition} chooses the items that it sees. */
  record For(
      int line,
      Target target,
      Expression items,
      @Nullable Expression condition,
      boolean recursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  /** What an assignment fills. */
  sealed interface Target {}

  record NameTarget(String name) implements Target {}

  /** An attribute of a namespace. */
  record AttributeTarget(String namespace, String attribute) implements Target {}

  /** Several targets that share out the items of a value. */
  record TupleTarget(List<Target> targets) implements Target {}

  record Assignment(int line, Target target, Expression value) implements Statement {}

  record SetBlock(int line, Target target, List<FilterCall> filters, List<Statement> body)
      implements Statement {}

  /**
   * A macro.
   *
   * @param specials which of caller, varargs and kwargs its body names: what it takes besides its
   *     parameters
   */
  record Macro(
      int line,
      String name,
      List<String> parameters,
      Map<String, Expression> defaults,
      Set<String> specials,
      List<Statement> body)
      implements Statement {}

  record CallBlock(int line, Call call, Macro caller) implements Statement {}

  record FilterBlock(int line, List<FilterCall> filters, List<Statement> body)
      implements Statement {}

  /** The part that the model wrote; its assignments end with it. */
  record Generation(int line, List<Statement> body) implements Statement {}

  record With(int line, List<Assignment> assignments, List<Statement> body) implements Statement {}

  record Break(int line) implements Statement {}

  record Continue(int line) implements Statement {}
}
