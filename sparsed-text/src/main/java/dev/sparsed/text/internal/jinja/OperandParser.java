package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.Arguments;
import dev.sparsed.text.internal.jinja.Node.Attribute;
import dev.sparsed.text.internal.jinja.Node.Call;
import dev.sparsed.text.internal.jinja.Node.Constant;
import dev.sparsed.text.internal.jinja.Node.Dictionary;
import dev.sparsed.text.internal.jinja.Node.Expression;
import dev.sparsed.text.internal.jinja.Node.Name;
import dev.sparsed.text.internal.jinja.Node.Sequence;
import dev.sparsed.text.internal.jinja.Node.Slice;
import dev.sparsed.text.internal.jinja.Node.Subscript;
import dev.sparsed.text.internal.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses what operators stand between: literals, names, and what is called or taken of them. */
final class OperandParser {

  private final TokenReader tokens;
  private final ExpressionParser expressions;
  private final MacroUses macros;

  OperandParser(TokenReader tokens, ExpressionParser expressions, MacroUses macros) {
    this.tokens = tokens;
    this.expressions = expressions;
    this.macros = macros;
  }

  Expression primary() {
    Token token = tokens.next();
    int line = token.line();
    return switch (token.kind()) {
      case NAME -> name(token);
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.peek().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        yield new Constant(line, text.toString());
      }
      case INTEGER -> new Constant(line, integer(token));
      case FLOAT -> new Constant(line, Double.parseDouble(token.text()));
      default -> bracketed(token);
    };
  }

  private Expression name(Token token) {
    int line = token.line();
    return switch (token.text()) {
      case "true", "True" -> new Constant(line, true);
      case "false", "False" -> new Constant(line, false);
      case "none", "None" -> new Constant(line, PythonValue.NONE);
      default -> {
        macros.named(token.text());
        yield new Name(line, token.text());
      }
    };
  }

  private static long integer(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw token.wrong("the number " + token.text() + " is too large");
    }
  }

  private Expression bracketed(Token token) {
    int line = token.line();
    if (token.is(Kind.OPERATOR, "(")) {
      Expression inside = expressions.tuple(true);
      tokens.expect(")");
      return inside;
    }
    if (token.is(Kind.OPERATOR, "[")) {
      List<Expression> items = new ArrayList<>();
      while (!tokens.take("]")) {
        if (!items.isEmpty()) {
          tokens.expect(",");
          if (tokens.take("]")) {
            break;
          }
        }
        items.add(expressions.expression());
      }
      return new Sequence(line, List.copyOf(items), false);
    }
    if (token.is(Kind.OPERATOR, "{")) {
      return dictionary(line);
    }
    throw token.wrong("expected an expression, found " + token.text());
  }

  private Dictionary dictionary(int line) {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.take("}")) {
      if (!keys.isEmpty()) {
        tokens.expect(",");
        if (tokens.take("}")) {
          break;
        }
      }
      keys.add(expressions.expression());
      tokens.expect(":");
      values.add(expressions.expression());
    }
    return new Dictionary(line, List.copyOf(keys), List.copyOf(values));
  }

  Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      Token token = tokens.peek();
      if (tokens.take(".")) {
        Token name = tokens.next();
        if (name.kind() == Kind.NAME) {
          value = new Attribute(token.line(), value, name.text());
        } else if (name.kind() == Kind.INTEGER) {
          value = new Subscript(token.line(), value, new Constant(name.line(), integer(name)));
        } else {
          throw name.wrong("expected a name after the dot");
        }
      } else if (tokens.take("[")) {
        value = new Subscript(token.line(), value, subscript());
        tokens.expect("]");
      } else if (tokens.isOperator("(")) {
        value = new Call(token.line(), value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression subscript() {
    int line = tokens.peek().line();
    Expression start = tokens.isOperator(":") ? null : expressions.expression();
    if (!tokens.take(":")) {
      if (start == null || tokens.isOperator(",")) {
        throw tokens.peek().wrong("expected one subscript");
      }
      return start;
    }
    Expression stop =
        tokens.isOperator(":") || tokens.isOperator("]") ? null : expressions.expression();
    Expression step = null;
    if (tokens.take(":") && !tokens.isOperator("]")) {
      step = expressions.expression();
    }
    return new Slice(line, start, stop, step);
  }

  Arguments arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    Expression list = null;
    Expression map = null;
    tokens.expect("(");
    boolean first = true;
    while (!tokens.take(")")) {
      if (!first) {
        tokens.expect(",");
        if (tokens.take(")")) {
          break;
        }
      }
      first = false;
      Token token = tokens.peek();
      if (map != null) {
        throw token.wrong("an argument follows those of a dict");
      } else if (tokens.take("**")) {
        map = expressions.expression();
      } else if (token.kind() == Kind.NAME && tokens.second().is(Kind.OPERATOR, "=")) {
        tokens.next();
        tokens.next();
        if (named.put(token.text(), expressions.expression()) != null) {
          throw token.wrong("the argument " + token.text() + " is given twice");
        }
      } else if (list != null || (!named.isEmpty() && !tokens.isOperator("*"))) {
        throw token.wrong("an argument without a name follows one with a name or those of a list");
      } else if (tokens.take("*")) {
        list = expressions.expression();
      } else {
        positional.add(expressions.expression());
      }
    }
    return first
        ? Arguments.NONE
        : new Arguments(List.copyOf(positional), named.isEmpty() ? Map.of() : named, list, map);
  }
}
