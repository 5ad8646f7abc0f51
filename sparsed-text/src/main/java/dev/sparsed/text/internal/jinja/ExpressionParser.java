package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.Arguments;
import dev.sparsed.text.internal.jinja.Node.Binary;
import dev.sparsed.text.internal.jinja.Node.Call;
import dev.sparsed.text.internal.jinja.Node.Comparison;
import dev.sparsed.text.internal.jinja.Node.Concatenation;
import dev.sparsed.text.internal.jinja.Node.Conditional;
import dev.sparsed.text.internal.jinja.Node.Expression;
import dev.sparsed.text.internal.jinja.Node.Filter;
import dev.sparsed.text.internal.jinja.Node.FilterCall;
import dev.sparsed.text.internal.jinja.Node.Sequence;
import dev.sparsed.text.internal.jinja.Node.Test;
import dev.sparsed.text.internal.jinja.Node.Unary;
import dev.sparsed.text.internal.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses expressions, from the loosest binding operator to the tightest, filters and tests. */
final class ExpressionParser {

  private final TokenReader tokens;
  private final OperandParser operands;

  ExpressionParser(TokenReader tokens, MacroUses macros) {
    this.tokens = tokens;
    operands = new OperandParser(tokens, this, macros);
  }

  Expression tuple(boolean mayBeEmpty) {
    int line = tokens.peek().line();
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (!endsTuple()) {
      items.add(expression());
      if (!tokens.take(",")) {
        break;
      }
      isTuple = true;
    }
    if (isTuple || (items.isEmpty() && mayBeEmpty)) {
      return new Sequence(line, List.copyOf(items), true);
    }
    if (items.isEmpty()) {
      throw tokens.peek().wrong("expected an expression, found " + tokens.peek().text());
    }
    return items.get(0);
  }

  Expression tupleWithoutCondition() {
    int line = tokens.peek().line();
    Expression first = or();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.take(",") && !endsTuple() && !tokens.isName("if")) {
      items.add(or());
    }
    return new Sequence(line, List.copyOf(items), true);
  }

  private boolean endsTuple() {
    Kind kind = tokens.peek().kind();
    return kind == Kind.VARIABLE_END || kind == Kind.BLOCK_END || tokens.isOperator(")");
  }

  Expression expression() {
    tokens.enter();
    int line = tokens.peek().line();
    Expression value = or();
    while (tokens.takeName("if")) {
      Expression condition = or();
      Expression otherwise = tokens.takeName("else") ? expression() : null;
      value = new Conditional(line, condition, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.isName("or")) {
      left = new Binary(tokens.next().line(), "or", left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.isName("and")) {
      left = new Binary(tokens.next().line(), "and", left, not());
    }
    return left;
  }

  private Expression not() {
    if (tokens.isName("not")) {
      tokens.enter();
      Expression negated = new Unary(tokens.next().line(), "not", not());
      tokens.leave();
      return negated;
    }
    return comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      String operator = comparisonOperator();
      if (operator == null) {
        break;
      }
      operators.add(operator);
      others.add(sum());
    }
    return operators.isEmpty()
        ? first
        : new Comparison(first.line(), first, List.copyOf(operators), List.copyOf(others));
  }

  private @Nullable String comparisonOperator() {
    for (String operator : List.of("==", "!=", "<", "<=", ">", ">=")) {
      if (tokens.take(operator)) {
        return operator;
      }
    }
    if (tokens.takeName("in")) {
      return "in";
    }
    if (tokens.isName("not") && tokens.second().is(Kind.NAME, "in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      Token operator = tokens.next();
      left = new Binary(operator.line(), operator.text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.take("~")) {
      parts.add(product());
    }
    return new Concatenation(first.line(), List.copyOf(parts));
  }

  private Expression product() {
    Expression left = power();
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")) {
      Token operator = tokens.next();
      left = new Binary(operator.line(), operator.text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.isOperator("**")) {
      left = new Binary(tokens.next().line(), "**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilter) {
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      tokens.enter();
      Token sign = tokens.next();
      value = new Unary(sign.line(), sign.text(), unary(false));
      tokens.leave();
    } else {
      value = operands.primary();
    }
    value = operands.postfix(value);
    return withFilter ? filtersAndTests(value) : value;
  }

  private Expression filtersAndTests(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.isOperator("|")) {
        for (FilterCall filter : filters(false)) {
          value = new Filter(filter.line(), value, filter);
        }
      } else if (tokens.isName("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        value = new Call(tokens.peek().line(), value, operands.arguments());
      } else {
        return value;
      }
    }
  }

  /** A chain of filters; {@code inline} if its first has no bar before it. */
  List<FilterCall> filters(boolean inline) {
    List<FilterCall> filters = new ArrayList<>();
    while ((inline && filters.isEmpty()) || tokens.take("|")) {
      Token name = tokens.expect(Kind.NAME);
      Arguments arguments = tokens.isOperator("(") ? operands.arguments() : Arguments.NONE;
      filters.add(new FilterCall(name.line(), name.text(), arguments));
    }
    return filters;
  }

  private Expression test(Expression value) {
    int line = tokens.next().line();
    boolean negated = tokens.takeName("not");
    Token name = tokens.expect(Kind.NAME);
    Arguments arguments = Arguments.NONE;
    if (tokens.isOperator("(")) {
      arguments = operands.arguments();
    } else if (startsTestArgument()) {
      arguments =
          new Arguments(List.of(operands.postfix(operands.primary())), Map.of(), null, null);
    }
    Expression test = new Test(line, value, name.text(), arguments);
    return negated ? new Unary(line, "not", test) : test;
  }

  private boolean startsTestArgument() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !List.of("else", "or", "and", "if", "is").contains(token.text());
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      default -> false;
    };
  }
}
