package dev.sparsed.text.jinja;

import java.util.List;
import java.util.Map;
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

  record Arguments(List<Expression> positional, Map<String, Expression> named) {}

  record Call(int line, Expression function, Arguments arguments) implements Expression {}

  /** The value is null in the head of a filter block. */
  record Filter(int line, @Nullable Expression value, String name, Arguments arguments)
      implements Expression {}

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

  /** Names to assign to: one, or several that share out a list. */
  record For(
      int line,
      Target target,
      Expression items,
      @Nullable Expression condition,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  /**
   * What an assignment fills.
   *
   * @param names one name, or several that share out a list
   * @param attribute the namespace's attribute that is set instead of the name, or null
   */
  record Target(List<String> names, boolean unpacks, @Nullable String attribute) {}

  record Set(int line, Target target, Expression value) implements Statement {}

  record SetBlock(int line, Target target, @Nullable Filter filter, List<Statement> body)
      implements Statement {}

  record Macro(
      int line,
      String name,
      List<String> parameters,
      Map<String, Expression> defaults,
      List<Statement> body)
      implements Statement {}

  record CallBlock(int line, Call call, Macro caller) implements Statement {}

  record FilterBlock(int line, Filter filter, List<Statement> body) implements Statement {}

  /** Part of the template that changes nothing itself, such as {@code generation}. */
  record Group(int line, List<Statement> body) implements Statement {}

  record With(int line, List<Set> assignments, List<Statement> body) implements Statement {}

  record Break(int line) implements Statement {}

  record Continue(int line) implements Statement {}
}
