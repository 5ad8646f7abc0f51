package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Node.AttributeTarget;
import dev.sparsed.text.internal.jinja.Node.NameTarget;
import dev.sparsed.text.internal.jinja.Node.Target;
import dev.sparsed.text.internal.jinja.Node.TupleTarget;
import dev.sparsed.text.internal.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses what stands to the left of an assignment, or between {@code for} and {@code in}. */
final class TargetParser {

  private static final Set<String> RESERVED =
      Set.of("true", "false", "none", "True", "False", "None", "loop", "caller");

  private final TokenReader tokens;

  TargetParser(TokenReader tokens) {
    this.tokens = tokens;
  }

  static boolean isReserved(String name) {
    return RESERVED.contains(name);
  }

  /**
   * One target, or several with commas between them.
   *
   * @param withNamespace whether attributes of a namespace may be assigned to
   */
  Target target(boolean withNamespace) {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    do {
      if (!targets.isEmpty() && !starts()) {
        break;
      }
      targets.add(single(withNamespace));
      several |= tokens.isOperator(",");
    } while (tokens.take(","));
    return several ? new TupleTarget(List.copyOf(targets)) : targets.get(0);
  }

  private boolean starts() {
    return tokens.isOperator("(") || (tokens.peek().kind() == Kind.NAME && !tokens.isName("in"));
  }

  private Target single(boolean withNamespace) {
    if (tokens.take("(")) {
      tokens.enter();
      Target inner = target(withNamespace);
      tokens.expect(")");
      tokens.leave();
      return inner;
    }
    Token name = tokens.expect(Kind.NAME);
    if (isReserved(name.text())) {
      throw name.wrong("cannot assign to " + name.text());
    }
    return withNamespace && tokens.take(".")
        ? new AttributeTarget(name.text(), tokens.expect(Kind.NAME).text())
        : new NameTarget(name.text());
  }
}
