package dev.sparsed.text.jinja;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.jinja.Node.Branch;
import dev.sparsed.text.jinja.Node.Call;
import dev.sparsed.text.jinja.Node.CallBlock;
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
import dev.sparsed.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses a template by Jinja2's grammar; what is not supported is refused here, by name. */
final class Parser {

  private static final ImmutableSet<String> RESERVED =
      ImmutableSet.of("true", "false", "none", "True", "False", "None", "loop", "caller");

  private final TokenReader tokens;
  private final ExpressionParser expressions;
  private int loops;

  private Parser(TokenReader tokens) {
    this.tokens = tokens;
    expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(String source) {
    return new Parser(new TokenReader(Lexer.tokens(source))).body();
  }

  /** Statements up to the end or to a block that opens with one of the names, which is kept. */
  private List<Statement> body(String... ends) {
    List<Statement> body = new ArrayList<>();
    while (true) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> body.add(new Text(token.line(), token.text()));
        case VARIABLE_BEGIN -> {
          body.add(output(token.line()));
          tokens.expect(Kind.VARIABLE_END);
        }
        case BLOCK_BEGIN -> {
          for (String end : ends) {
            if (tokens.isName(end)) {
              return body;
            }
          }
          body.add(statement());
        }
        case END -> {
          if (ends.length > 0) {
            throw token.wrong("expected {% " + String.join(" %} or {% ", ends) + " %}");
          }
          return body;
        }
        default -> throw token.wrong("unexpected " + token.text());
      }
    }
  }

  private Output output(int line) {
    Expression value = expressions.tuple(false);
    // Nothing is escaped in a chat template, so marking an output as safe changes nothing.
    while (value instanceof Filter filter
        && filter.name().equals("safe")
        && filter.value() != null) {
      value = filter.value();
    }
    return new Output(line, value);
  }

  private Statement statement() {
    Token token = tokens.expect(Kind.NAME);
    int line = token.line();
    return switch (token.text()) {
      case "if" -> ifStatement(line);
      case "for" -> forStatement(line);
      case "set" -> set(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> {
        Filter filter = expressions.filters(null, true);
        tokens.endBlock();
        yield new FilterBlock(line, filter, closed("endfilter"));
      }
      case "with" -> with(line);
      case "generation" -> {
        tokens.endBlock();
        yield new Group(line, closed("endgeneration"));
      }
      case "break" -> {
        inLoop(token);
        tokens.endBlock();
        yield new Node.Break(line);
      }
      case "continue" -> {
        inLoop(token);
        tokens.endBlock();
        yield new Node.Continue(line);
      }
      default -> throw token.wrong("the tag {% " + token.text() + " %} is not supported here");
    };
  }

  private void inLoop(Token token) {
    if (loops == 0) {
      throw token.wrong(token.text() + " outside of a loop");
    }
  }

  private List<Statement> closed(String end) {
    List<Statement> body = body(end);
    tokens.next();
    tokens.endBlock();
    return body;
  }

  private If ifStatement(int line) {
    List<Branch> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    while (true) {
      Expression condition = expressions.tuple(false);
      tokens.endBlock();
      branches.add(new Branch(condition, body("elif", "else", "endif")));
      String end = tokens.next().text();
      if (end.equals("else")) {
        tokens.endBlock();
        otherwise = closed("endif");
        break;
      }
      if (end.equals("endif")) {
        tokens.endBlock();
        break;
      }
    }
    return new If(line, branches, otherwise);
  }

  private For forStatement(int line) {
    Target target = target(false);
    tokens.expectName("in");
    Expression items = expressions.tupleWithoutCondition();
    Expression condition = null;
    if (tokens.takeName("if")) {
      condition = expressions.expression();
    }
    if (tokens.isName("recursive")) {
      throw tokens.peek().wrong("recursive loops are not supported");
    }
    tokens.endBlock();
    loops++;
    List<Statement> body = body("else", "endfor");
    loops--;
    List<Statement> otherwise = List.of();
    if (tokens.next().text().equals("else")) {
      tokens.endBlock();
      otherwise = closed("endfor");
    } else {
      tokens.endBlock();
    }
    return new For(line, target, items, condition, body, otherwise);
  }

  private Statement set(int line) {
    Target target = target(true);
    if (tokens.take("=")) {
      Expression value = expressions.tuple(false);
      tokens.endBlock();
      return new Set(line, target, value);
    }
    Filter filter = tokens.isOperator("|") ? expressions.filters(null, false) : null;
    tokens.endBlock();
    return new SetBlock(line, target, filter, closed("endset"));
  }

  private Target target(boolean withNamespace) {
    boolean brackets = tokens.take("(");
    List<String> names = new ArrayList<>();
    boolean unpacks = false;
    do {
      if (!names.isEmpty() && tokens.peek().kind() != Kind.NAME) {
        break;
      }
      Token token = tokens.expect(Kind.NAME);
      if (RESERVED.contains(token.text())) {
        throw token.wrong("cannot assign to " + token.text());
      }
      names.add(token.text());
      if (withNamespace && names.size() == 1 && tokens.take(".")) {
        Target attribute = new Target(names, false, tokens.expect(Kind.NAME).text());
        if (tokens.isOperator(",")) {
          throw token.wrong("cannot share out a list to attributes");
        }
        return attribute;
      }
      if (tokens.isOperator(",")) {
        unpacks = true;
      }
    } while (tokens.take(","));
    if (brackets) {
      tokens.expect(")");
    }
    return new Target(List.copyOf(names), unpacks, null);
  }

  private Macro macro(int line) {
    String name = tokens.expect(Kind.NAME).text();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    List<String> parameters = parameters(defaults);
    tokens.endBlock();
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
    tokens.expect("(");
    while (!tokens.take(")")) {
      if (!parameters.isEmpty()) {
        tokens.expect(",");
        if (tokens.take(")")) {
          break;
        }
      }
      Token parameter = tokens.expect(Kind.NAME);
      if (parameters.contains(parameter.text()) || RESERVED.contains(parameter.text())) {
        throw parameter.wrong("the parameter " + parameter.text() + " cannot be used (again)");
      }
      parameters.add(parameter.text());
      if (tokens.take("=")) {
        defaults.put(parameter.text(), expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw parameter.wrong("a parameter without a default follows one with a default");
      }
    }
    return parameters;
  }

  private CallBlock callBlock(int line) {
    Map<String, Expression> defaults = new LinkedHashMap<>();
    List<String> parameters = tokens.isOperator("(") ? parameters(defaults) : List.of();
    if (!(expressions.expression() instanceof Call call)) {
      throw new JinjaException("line " + line + ": {% call %} needs a call");
    }
    tokens.endBlock();
    Macro caller = new Macro(line, "caller", parameters, defaults, macroBody("endcall"));
    return new CallBlock(line, call, caller);
  }

  private With with(int line) {
    List<Set> assignments = new ArrayList<>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      if (!assignments.isEmpty()) {
        tokens.expect(",");
      }
      Target target = target(false);
      tokens.expect("=");
      assignments.add(new Set(line, target, expressions.expression()));
    }
    tokens.endBlock();
    return new With(line, assignments, closed("endwith"));
  }
}
