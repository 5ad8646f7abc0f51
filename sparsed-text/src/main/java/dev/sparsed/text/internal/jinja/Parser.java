package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.Assignment;
import dev.sparsed.text.internal.jinja.Node.Branch;
import dev.sparsed.text.internal.jinja.Node.Call;
import dev.sparsed.text.internal.jinja.Node.CallBlock;
import dev.sparsed.text.internal.jinja.Node.Expression;
import dev.sparsed.text.internal.jinja.Node.FilterBlock;
import dev.sparsed.text.internal.jinja.Node.FilterCall;
import dev.sparsed.text.internal.jinja.Node.For;
import dev.sparsed.text.internal.jinja.Node.Generation;
import dev.sparsed.text.internal.jinja.Node.If;
import dev.sparsed.text.internal.jinja.Node.Macro;
import dev.sparsed.text.internal.jinja.Node.Output;
import dev.sparsed.text.internal.jinja.Node.SetBlock;
import dev.sparsed.text.internal.jinja.Node.Statement;
import dev.sparsed.text.internal.jinja.Node.Target;
import dev.sparsed.text.internal.jinja.Node.Text;
import dev.sparsed.text.internal.jinja.Node.With;
import dev.sparsed.text.internal.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses a template by Jinja2's grammar; what is not supported is refused here, by name. */
final class Parser {

  private final TokenReader tokens;
  private final MacroUses macros = new MacroUses();
  private final ExpressionParser expressions;
  private final TargetParser targets;
  private int loops;

  private Parser(TokenReader tokens) {
    this.tokens = tokens;
    expressions = new ExpressionParser(tokens, macros);
    targets = new TargetParser(tokens);
  }

  static List<Statement> parse(String source) {
    return new Parser(new TokenReader(new Lexer(source))).body();
  }

  /** Statements up to the end or to a block that opens with one of the names, which is kept. */
  private List<Statement> body(String... ends) {
    tokens.enter();
    List<Statement> body = new ArrayList<>();
    while (true) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> body.add(new Text(token.line(), token.text()));
        case VARIABLE_BEGIN -> {
          body.add(new Output(token.line(), expressions.tuple(false)));
          tokens.expect(Kind.VARIABLE_END);
        }
        case BLOCK_BEGIN -> {
          for (String end : ends) {
            if (tokens.isName(end)) {
              tokens.leave();
              return List.copyOf(body);
            }
          }
          body.add(statement());
        }
        case END -> {
          if (ends.length > 0) {
            throw token.wrong("expected {% " + String.join(" %} or {% ", ends) + " %}");
          }
          tokens.leave();
          return List.copyOf(body);
        }
        default -> throw token.wrong("unexpected " + token.text());
      }
    }
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
        List<FilterCall> filters = expressions.filters(true);
        tokens.endBlock();
        yield new FilterBlock(line, filters, closed("endfilter"));
      }
      case "with" -> with(line);
      case "generation" -> {
        tokens.endBlock();
        yield new Generation(line, withoutLoops("endgeneration"));
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

  /** A body that a loop around it cannot be left from. */
  private List<Statement> withoutLoops(String end) {
    int outer = loops;
    loops = 0;
    List<Statement> body = closed(end);
    loops = outer;
    return body;
  }

  private If ifStatement(int line) {
    List<Branch> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    while (true) {
      Expression condition = expressions.tupleWithoutCondition();
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
    return new If(line, List.copyOf(branches), otherwise);
  }

  private For forStatement(int line) {
    Target target = targets.target(false);
    tokens.expectName("in");
    Expression items = expressions.tupleWithoutCondition();
    Expression condition = tokens.takeName("if") ? expressions.expression() : null;
    boolean recursive = tokens.takeName("recursive");
    tokens.endBlock();
    loops++;
    List<Statement> body = body("else", "endfor");
    loops--;
    List<Statement> otherwise = List.of();
    boolean hasElse = tokens.next().text().equals("else");
    tokens.endBlock();
    if (hasElse) {
      otherwise = closed("endfor");
    }
    return new For(line, target, items, condition, recursive, body, otherwise);
  }

  private Statement set(int line) {
    Target target = targets.target(true);
    if (tokens.take("=")) {
      Expression value = expressions.tuple(false);
      tokens.endBlock();
      return new Assignment(line, target, value);
    }
    List<FilterCall> filters = tokens.isOperator("|") ? expressions.filters(false) : List.of();
    tokens.endBlock();
    return new SetBlock(line, target, filters, closed("endset"));
  }

  private Macro macro(int line) {
    String name = tokens.expect(Kind.NAME).text();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    List<String> parameters = parameters(defaults);
    tokens.endBlock();
    return macro(line, name, parameters, defaults, "endmacro");
  }

  private Macro macro(
      int line,
      String name,
      List<String> parameters,
      Map<String, Expression> defaults,
      String end) {
    macros.begin();
    List<Statement> body = withoutLoops(end);
    return new Macro(line, name, parameters, defaults, macros.end(), body);
  }

  private CallBlock callBlock(int line) {
    Map<String, Expression> defaults = new LinkedHashMap<>();
    List<String> parameters = tokens.isOperator("(") ? parameters(defaults) : List.of();
    if (!(expressions.expression() instanceof Call call)) {
      throw new JinjaException("line " + line + ": {% call %} needs a call");
    }
    tokens.endBlock();
    return new CallBlock(line, call, macro(line, "caller", parameters, defaults, "endcall"));
  }

  private With with(int line) {
    List<Assignment> assignments = new ArrayList<>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      if (!assignments.isEmpty()) {
        tokens.expect(",");
      }
      Target target = targets.target(false);
      tokens.expect("=");
      assignments.add(new Assignment(line, target, expressions.expression()));
    }
    tokens.endBlock();
    return new With(line, List.copyOf(assignments), closed("endwith"));
  }

  private List<String> parameters(Map<String, Expression> defaults) {
    Map<String, Boolean> parameters = new LinkedHashMap<>();
    tokens.expect("(");
    while (!tokens.take(")")) {
      if (!parameters.isEmpty()) {
        tokens.expect(",");
        if (tokens.take(")")) {
          break;
        }
      }
      Token parameter = tokens.expect(Kind.NAME);
      if (TargetParser.isReserved(parameter.text())
          || parameters.put(parameter.text(), true) != null) {
        throw parameter.wrong("the parameter " + parameter.text() + " cannot be used (again)");
      }
      if (tokens.take("=")) {
        defaults.put(parameter.text(), expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw parameter.wrong("a parameter without a default follows one with a default");
      }
    }
    return List.copyOf(parameters.keySet());
  }
}
