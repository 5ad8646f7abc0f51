package dev.sparsed.models.text;

import dev.sparsed.models.text.JinjaLexer.Kind;
import dev.sparsed.models.text.JinjaLexer.Token;
import dev.sparsed.models.text.JinjaNode.Arguments;
import dev.sparsed.models.text.JinjaNode.Attribute;
import dev.sparsed.models.text.JinjaNode.Binary;
import dev.sparsed.models.text.JinjaNode.Branch;
import dev.sparsed.models.text.JinjaNode.Call;
import dev.sparsed.models.text.JinjaNode.CallBlock;
import dev.sparsed.models.text.JinjaNode.Comparison;
import dev.sparsed.models.text.JinjaNode.Concatenation;
import dev.sparsed.models.text.JinjaNode.Conditional;
import dev.sparsed.models.text.JinjaNode.Constant;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses a template by Jinja2's grammar; what is not supported is refused here, by name. */
final class JinjaParser {

  private static final java.util.Set<String> RESERVED =
      java.util.Set.of("true", "false", "none", "True", "False", "None", "loop", "caller");

  private final List<Token> tokens;
  private int position;
  private int loops;

  private JinjaParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  static List<Statement> parse(String source) {
    JinjaParser parser = new JinjaParser(JinjaLexer.tokens(source));
    return parser.body();
  }

  // Statements

  /** Statements up to the end or to a block that opens with one of the names, which is kept. */
  private List<Statement> body(String... ends) {
    List<Statement> body = new ArrayList<>();
    while (true) {
      Token token = next();
      switch (token.kind()) {
        case DATA -> body.add(new Text(token.line(), token.text()));
        case VARIABLE_BEGIN -> {
          body.add(output(token.line()));
          expect(Kind.VARIABLE_END);
        }
        case BLOCK_BEGIN -> {
          for (String end : ends) {
            if (isName(end)) {
              return body;
            }
          }
          body.add(statement());
        }
        case END -> {
          if (ends.length > 0) {
            throw wrong(token, "expected {% " + String.join(" %} or {% ", ends) + " %}");
          }
          return body;
        }
        default -> throw wrong(token, "unexpected " + token.text());
      }
    }
  }

  private Output output(int line) {
    Expression value = tuple(false);
    // Nothing is escaped in a chat template, so marking an output as safe changes nothing.
    while (value instanceof Filter filter
        && filter.name().equals("safe")
        && filter.value() != null) {
      value = filter.value();
    }
    return new Output(line, value);
  }

  private Statement statement() {
    Token token = expect(Kind.NAME);
    int line = token.line();
    return switch (token.text()) {
      case "if" -> ifStatement(line);
      case "for" -> forStatement(line);
      case "set" -> set(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> {
        Filter filter = filters(null, true);
        endBlock();
        yield new FilterBlock(line, filter, closed("endfilter"));
      }
      case "with" -> with(line);
      case "generation" -> {
        endBlock();
        yield new Group(line, closed("endgeneration"));
      }
      case "break" -> {
        inLoop(token);
        endBlock();
        yield new JinjaNode.Break(line);
      }
      case "continue" -> {
        inLoop(token);
        endBlock();
        yield new JinjaNode.Continue(line);
      }
      default -> throw wrong(token, "the tag {% " + token.text() + " %} is not supported here");
    };
  }

  private void inLoop(Token token) {
    if (loops == 0) {
      throw wrong(token, token.text() + " outside of a loop");
    }
  }

  private List<Statement> closed(String end) {
    List<Statement> body = body(end);
    next();
    endBlock();
    return body;
  }

  private If ifStatement(int line) {
    List<Branch> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    while (true) {
      Expression condition = tuple(false);
      endBlock();
      branches.add(new Branch(condition, body("elif", "else", "endif")));
      String end = next().text();
      if (end.equals("else")) {
        endBlock();
        otherwise = closed("endif");
        break;
      }
      if (end.equals("endif")) {
        endBlock();
        break;
      }
    }
    return new If(line, branches, otherwise);
  }

  private For forStatement(int line) {
    Target target = target(false);
    expectName("in");
    Expression items = tupleWithoutCondition();
    Expression condition = null;
    if (takeName("if")) {
      condition = expression();
    }
    if (isName("recursive")) {
      throw wrong(peek(), "recursive loops are not supported");
    }
    endBlock();
    loops++;
    List<Statement> body = body("else", "endfor");
    loops--;
    List<Statement> otherwise = List.of();
    if (next().text().equals("else")) {
      endBlock();
      otherwise = closed("endfor");
    } else {
      endBlock();
    }
    return new For(line, target, items, condition, body, otherwise);
  }

  private Statement set(int line) {
    Target target = target(true);
    if (take("=")) {
      Expression value = tuple(false);
      endBlock();
      return new Set(line, target, value);
    }
    Filter filter = isOperator("|") ? filters(null, false) : null;
    endBlock();
    return new SetBlock(line, target, filter, closed("endset"));
  }

  private Target target(boolean withNamespace) {
    boolean brackets = take("(");
    List<String> names = new ArrayList<>();
    boolean unpacks = false;
    do {
      if (!names.isEmpty() && peek().kind() != Kind.NAME) {
        break;
      }
      Token token = expect(Kind.NAME);
      if (RESERVED.contains(token.text())) {
        throw wrong(token, "cannot assign to " + token.text());
      }
      names.add(token.text());
      if (withNamespace && names.size() == 1 && take(".")) {
        Target attribute = new Target(names, false, expect(Kind.NAME).text());
        if (isOperator(",")) {
          throw wrong(token, "cannot share out a list to attributes");
        }
        return attribute;
      }
      if (isOperator(",")) {
        unpacks = true;
      }
    } while (take(","));
    if (brackets) {
      expect(")");
    }
    return new Target(List.copyOf(names), unpacks, null);
  }

  private Macro macro(int line) {
    String name = expect(Kind.NAME).text();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    List<String> parameters = parameters(defaults);
    endBlock();
    return new Macro(line, name, parameters, defaults, macroBody("endmacro"));
  }

  private List<Statement> macroBody(String end) {
    int outer = loops;
    loops = 0;
    List<Statement> body = closed(end);
    loops = outer;
    return body;
  }

  private List<String> parameters(Map<String, Expression> defaults) {
    List<String> parameters = new ArrayList<>();
    expect("(");
    while (!take(")")) {
      if (!parameters.isEmpty()) {
        expect(",");
        if (take(")")) {
          break;
        }
      }
      Token parameter = expect(Kind.NAME);
      if (parameters.contains(parameter.text()) || RESERVED.contains(parameter.text())) {
        throw wrong(parameter, "the parameter " + parameter.text() + " cannot be used (again)");
      }
      parameters.add(parameter.text());
      if (take("=")) {
        defaults.put(parameter.text(), expression());
      } else if (!defaults.isEmpty()) {
        throw wrong(parameter, "a parameter without a default follows one with a default");
      }
    }
    return parameters;
  }

  private CallBlock callBlock(int line) {
    Map<String, Expression> defaults = new LinkedHashMap<>();
    List<String> parameters = isOperator("(") ? parameters(defaults) : List.of();
    if (!(expression() instanceof Call call)) {
      throw new ChatTemplateException("line " + line + ": {% call %} needs a call");
    }
    endBlock();
    Macro caller = new Macro(line, "caller", parameters, defaults, macroBody("endcall"));
    return new CallBlock(line, call, caller);
  }

  private With with(int line) {
    List<Set> assignments = new ArrayList<>();
    while (peek().kind() != Kind.BLOCK_END) {
      if (!assignments.isEmpty()) {
        expect(",");
      }
      Target target = target(false);
      expect("=");
      assignments.add(new Set(line, target, expression()));
    }
    endBlock();
    return new With(line, assignments, closed("endwith"));
  }

  // Expressions, from the loosest binding to the tightest

  private Expression tuple(boolean mayBeEmpty) {
    int line = peek().line();
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (!endsTuple()) {
      items.add(expression());
      if (!take(",")) {
        break;
      }
      isTuple = true;
    }
    if (isTuple || (items.isEmpty() && mayBeEmpty)) {
      return new Sequence(line, items, true);
    }
    if (items.isEmpty()) {
      throw wrong(peek(), "expected an expression, found " + peek().text());
    }
    return items.get(0);
  }

  private Expression tupleWithoutCondition() {
    int line = peek().line();
    Expression first = or();
    if (!isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (take(",") && !endsTuple() && !isName("if")) {
      items.add(or());
    }
    return new Sequence(line, items, true);
  }

  private boolean endsTuple() {
    Kind kind = peek().kind();
    return kind == Kind.VARIABLE_END || kind == Kind.BLOCK_END || isOperator(")");
  }

  private Expression expression() {
    int line = peek().line();
    Expression value = or();
    while (takeName("if")) {
      Expression condition = or();
      Expression otherwise = takeName("else") ? expression() : null;
      value = new Conditional(line, condition, value, otherwise);
    }
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (isName("or")) {
      left = new Binary(next().line(), "or", left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (isName("and")) {
      left = new Binary(next().line(), "and", left, not());
    }
    return left;
  }

  private Expression not() {
    if (isName("not")) {
      return new Unary(next().line(), "not", not());
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
    return operators.isEmpty() ? first : new Comparison(first.line(), first, operators, others);
  }

  private @Nullable String comparisonOperator() {
    for (String operator : List.of("==", "!=", "<", "<=", ">", ">=")) {
      if (take(operator)) {
        return operator;
      }
    }
    if (takeName("in")) {
      return "in";
    }
    if (isName("not") && tokens.get(position + 1).is(Kind.NAME, "in")) {
      position += 2;
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = concatenation();
    while (isOperator("+") || isOperator("-")) {
      Token operator = next();
      left = new Binary(operator.line(), operator.text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (take("~")) {
      parts.add(product());
    }
    return new Concatenation(first.line(), parts);
  }

  private Expression product() {
    Expression left = power();
    while (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%")) {
      Token operator = next();
      left = new Binary(operator.line(), operator.text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (isOperator("**")) {
      left = new Binary(next().line(), "**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilter) {
    Expression value;
    if (isOperator("-") || isOperator("+")) {
      Token sign = next();
      value = new Unary(sign.line(), sign.text(), unary(false));
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilter ? filtersAndTests(value) : value;
  }

  private Expression primary() {
    Token token = next();
    int line = token.line();
    return switch (token.kind()) {
      case NAME -> name(token);
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (peek().kind() == Kind.STRING) {
          text.append(next().text());
        }
        yield new Constant(line, text.toString());
      }
      case INTEGER -> new Constant(line, integer(token));
      case FLOAT -> new Constant(line, Double.parseDouble(token.text()));
      default -> bracketed(token);
    };
  }

  private static Expression name(Token token) {
    int line = token.line();
    return switch (token.text()) {
      case "true", "True" -> new Constant(line, true);
      case "false", "False" -> new Constant(line, false);
      case "none", "None" -> new Constant(line, PythonValue.NONE);
      case "if", "else", "elif", "in", "is", "not", "and", "or", "for" ->
          throw wrong(token, "expected an expression, found " + token.text());
      case "self", "cycler", "joiner", "lipsum", "varargs", "kwargs" ->
          throw wrong(token, token.text() + " is not supported");
      default -> new Name(line, token.text());
    };
  }

  private static long integer(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw wrong(token, "the number " + token.text() + " is too large");
    }
  }

  private Expression bracketed(Token token) {
    int line = token.line();
    if (token.is(Kind.OPERATOR, "(")) {
      Expression inside = tuple(true);
      expect(")");
      return inside;
    }
    if (token.is(Kind.OPERATOR, "[")) {
      List<Expression> items = new ArrayList<>();
      while (!take("]")) {
        if (!items.isEmpty()) {
          expect(",");
          if (take("]")) {
            break;
          }
        }
        items.add(expression());
      }
      return new Sequence(line, items, false);
    }
    if (token.is(Kind.OPERATOR, "{")) {
      return dictionary(line);
    }
    throw wrong(token, "expected an expression, found " + token.text());
  }

  private Dictionary dictionary(int line) {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!take("}")) {
      if (!keys.isEmpty()) {
        expect(",");
        if (take("}")) {
          break;
        }
      }
      keys.add(expression());
      expect(":");
      values.add(expression());
    }
    return new Dictionary(line, keys, values);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      Token token = peek();
      if (take(".")) {
        Token name = next();
        if (name.kind() == Kind.NAME) {
          value = new Attribute(token.line(), value, name.text());
        } else if (name.kind() == Kind.INTEGER) {
          value = new Subscript(token.line(), value, new Constant(name.line(), integer(name)));
        } else {
          throw wrong(name, "expected a name after the dot");
        }
      } else if (take("[")) {
        value = new Subscript(token.line(), value, subscript());
        expect("]");
      } else if (isOperator("(")) {
        value = new Call(token.line(), value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression subscript() {
    int line = peek().line();
    Expression start = isOperator(":") ? null : expression();
    if (!take(":")) {
      if (start == null || isOperator(",")) {
        throw wrong(peek(), "expected one subscript");
      }
      return start;
    }
    Expression stop = isOperator(":") || isOperator("]") ? null : expression();
    Expression step = null;
    if (take(":") && !isOperator("]")) {
      step = expression();
    }
    return new Slice(line, start, stop, step);
  }

  private Arguments arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    expect("(");
    boolean first = true;
    while (!take(")")) {
      if (!first) {
        expect(",");
        if (take(")")) {
          break;
        }
      }
      first = false;
      Token token = peek();
      if (token.is(Kind.OPERATOR, "*") || token.is(Kind.OPERATOR, "**")) {
        throw wrong(token, "arguments from a list or dict are not supported");
      }
      if (token.kind() == Kind.NAME && tokens.get(position + 1).is(Kind.OPERATOR, "=")) {
        position += 2;
        if (named.put(token.text(), expression()) != null) {
          throw wrong(token, "the argument " + token.text() + " is given twice");
        }
      } else if (!named.isEmpty()) {
        throw wrong(token, "an argument without a name follows one with a name");
      } else {
        positional.add(expression());
      }
    }
    return new Arguments(positional, named);
  }

  private Expression filtersAndTests(Expression start) {
    Expression value = start;
    while (true) {
      if (isOperator("|")) {
        value = filters(value, false);
      } else if (isName("is")) {
        value = test(value);
      } else if (isOperator("(")) {
        value = new Call(peek().line(), value, arguments());
      } else {
        return value;
      }
    }
  }

  /** A chain of filters; {@code inline} if its first has no bar before it. */
  private Filter filters(@Nullable Expression start, boolean inline) {
    Expression value = start;
    boolean bare = inline;
    Filter filter = null;
    while (bare || isOperator("|")) {
      if (!bare) {
        next();
      }
      bare = false;
      Token name = expect(Kind.NAME);
      if (!JinjaFilters.isKnown(name.text())) {
        throw wrong(name, "the filter " + name.text() + " is not supported");
      }
      Arguments arguments = isOperator("(") ? arguments() : new Arguments(List.of(), Map.of());
      filter = new Filter(name.line(), value, name.text(), arguments);
      value = filter;
    }
    if (filter == null) {
      throw wrong(peek(), "expected a filter");
    }
    return filter;
  }

  private Expression test(Expression value) {
    int line = next().line();
    boolean negated = takeName("not");
    Token name = expect(Kind.NAME);
    if (!JinjaTests.isKnown(name.text())) {
      throw wrong(name, "the test " + name.text() + " is not supported");
    }
    Arguments arguments = new Arguments(List.of(), Map.of());
    if (isOperator("(")) {
      arguments = arguments();
    } else if (startsTestArgument()) {
      arguments = new Arguments(List.of(postfix(primary())), Map.of());
    }
    Expression test = new Test(line, value, name.text(), arguments);
    return negated ? new Unary(line, "not", test) : test;
  }

  private boolean startsTestArgument() {
    Token token = peek();
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !List.of("else", "or", "and", "if", "is").contains(token.text());
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      default -> false;
    };
  }

  // Tokens

  private Token peek() {
    return tokens.get(position);
  }

  private Token next() {
    Token token = tokens.get(position);
    if (token.kind() != Kind.END) {
      position++;
    }
    return token;
  }

  private boolean isOperator(String operator) {
    return peek().is(Kind.OPERATOR, operator);
  }

  private boolean isName(String name) {
    return peek().is(Kind.NAME, name);
  }

  private boolean take(String operator) {
    if (isOperator(operator)) {
      position++;
      return true;
    }
    return false;
  }

  private boolean takeName(String name) {
    if (isName(name)) {
      position++;
      return true;
    }
    return false;
  }

  private void expect(String operator) {
    if (!take(operator)) {
      throw wrong(peek(), "expected " + operator + ", found " + peek().text());
    }
  }

  private void expectName(String name) {
    if (!takeName(name)) {
      throw wrong(peek(), "expected " + name + ", found " + peek().text());
    }
  }

  private Token expect(Kind kind) {
    Token token = next();
    if (token.kind() != kind) {
      throw wrong(token, "unexpected " + token.text());
    }
    return token;
  }

  private void endBlock() {
    expect(Kind.BLOCK_END);
  }

  private static ChatTemplateException wrong(Token token, String what) {
    return new ChatTemplateException("line " + token.line() + ": " + what);
  }
}
