package dev.sparsed.text.internal.jinja;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;

/**
 * Templates that try to use up time and memory, and a program that renders them, to be run in a JVM
 * with little memory. Every operation of the language meets every kind of large value here, over
 * and over until the budget ends: what an operation does not pay for shows as time or memory.
 */
final class HostileTemplates {

  private static final long MAX_MILLIS = 10_000;

  /** How large values called x and y come to be. */
  private static final List<String> VALUES =
      List.of(
          text("'x' * 4000000"),
          text("'x' * 300000"),
          text("'ab ' * 100000"),
          text("' ' * 300000"),
          text("'\\n' * 100000"),
          text("'\\u00e9<\\n\\'\"' * 50000"),
          text("'\\U0001f600' * 100000"),
          text("'\\u0149\\u0130' * 100000"),
          text("'%s{}%(a)s' * 10000"),
          text("('a' * 150000) ~ 'b' ~ ('a' * 150000)"),
          set("x", "[0] * 300000", "y", "'x'"),
          set("x", "['x' * 300000] * 10000", "y", "'x' * 300000"),
          set("x", "range(99999)", "y", "99998"),
          set("x", "range(99999) | list", "y", "[5.5, 1e-300]"),
          set("x", "range(99999) | map('string') | list", "y", "'99998'"),
          set("x", "[1e-300, 1.7976931348623157e308, 0.1] * 1000", "y", "2.2250738585072014e-308"),
          set("x", "[{'k': 'x' * 100000, 'v': 1}] * 1000", "y", "{'k': 'x' * 100000}"),
          nested("[n.x, n.x]", 60),
          nested("{'a': n.x, 'b': n.x}", 60),
          nested("(n.x, n.x)", 60),
          nested("[n.x]", 390),
          nested("[n.x, 'x' * 10000]", 200),
          "{% set x = namespace() %}{% set x.x = [x, x] %}{% set y = x.x %}",
          "{% set n = namespace(d={}) %}{% for i in range(3000) %}{% set n.d = dict(n.d, **{'k' ~"
              + " i: i}) %}{% endfor %}{% set x = n.d %}{% set y = n.d %}",
          set("x", "-9223372036854775807 - 1", "y", "9223372036854775807"),
          set("x", "1.7976931348623157e308", "y", "-5e-324"),
          set("x", "true", "y", "none"));

  private static final List<String> OPERATIONS =
      List.of(
          "x",
          "x == y",
          "x != y",
          "x == x",
          "[x] == [x]",
          "x < y",
          "x >= x",
          "[x, 1] < [x, 2]",
          "x in y",
          "y in x",
          "x not in [x, y, x]",
          "'z' in x",
          "x + x",
          "x + y",
          "x - y",
          "x * 2",
          "x * 100000",
          "100000 * x",
          "x / y",
          "x // y",
          "x % y",
          "x ** y",
          "x ** 9",
          "-x",
          "x ~ x",
          "x ~ y ~ 1",
          "x % (x, y)",
          "x % x",
          "'%s %r' % (x, y)",
          "'%9999s|%-999999s' % (x, x)",
          "'%.300f %.300e %.300g' % (x, x, x)",
          "'{}{!r}{}'.format(x, x, y)",
          "'{:>999999}'.format(x)",
          "x.format(x, y, a=x)",
          "x[0]",
          "x[-1]",
          "x[99999]",
          "x[-99999]",
          "x['a']",
          "x[y]",
          "x.k",
          "x.x",
          "x[1:]",
          "x[:-1]",
          "x[::-1]",
          "x[::2]",
          "x[50000:50001]",
          "x[::9223372036854775807]",
          "[x, x, x]",
          "(x, y) == (x, y)",
          "{'a': x, 'b': y}",
          "{'a': x} == {'a': x}",
          "{x: 1}",
          "x.get(y)",
          "x.get('k')",
          "x.items() | list",
          "x.keys() | list",
          "x.values() | list",
          "x.copy()",
          "dict(x)",
          "dict(**x)",
          "namespace(**x)",
          "range(y)",
          "range(x, y)",
          "x.index(y)",
          "x.count(y)",
          "x.count('x')",
          "x.count('')",
          "x.split()",
          "x.split('x')",
          "x.split(y)",
          "x.split(none, 1)",
          "x.split('x', 1)",
          "x.rsplit()",
          "x.rsplit('x')",
          "x.rsplit(y)",
          "x.rsplit(none, 1)",
          "x.splitlines()",
          "x.partition('x')",
          "x.partition(y)",
          "x.rpartition(y)",
          "x.strip()",
          "x.strip(x)",
          "x.strip(y)",
          "x.lstrip('x')",
          "x.rstrip('x')",
          "x.lower()",
          "x.upper()",
          "x.title()",
          "x.capitalize()",
          "x.swapcase()",
          "x.casefold()",
          "x.replace('x', 'yy')",
          "x.replace('', y)",
          "x.replace(y, x)",
          "x.replace(x, 'a')",
          "x.join([y, y])",
          "','.join(x)",
          "x.find(y)",
          "x.find(y, 5)",
          "x.rfind(y)",
          "x.find('a' * 40000 ~ 'c')",
          "x.rfind('c' ~ 'a' * 40000)",
          "x.startswith(x)",
          "x.endswith(y)",
          "x.startswith((x, y, x))",
          "x.removeprefix(x)",
          "x.removesuffix(y)",
          "x.zfill(999999)",
          "x.zfill(9223372036854775807)",
          "x.center(999999)",
          "x.ljust(999999, 'z')",
          "x.rjust(9223372036854775807)",
          "x.isdigit()",
          "x.isalpha()",
          "x.isspace()",
          "x.isupper()",
          "x | trim",
          "x | trim(x)",
          "x | length",
          "x | lower",
          "x | upper",
          "x | capitalize",
          "x | title",
          "x | string",
          "x | replace(y, x)",
          "x | replace('x', x)",
          "x | default(y, true)",
          "x | first",
          "x | last",
          "x | list",
          "x | join",
          "x | join(x)",
          "[x] * 1000 | join(',')",
          "[[x, x]] * 1000 | join",
          "x | join(',', attribute='k')",
          "x | map('upper') | list",
          "x | map('string') | join",
          "x | map('tojson') | list",
          "x | map(attribute='k') | list",
          "x | map(attribute='k', default=x) | list",
          "x | map(attribute='a.b.c.0.1.' ~ x) | list",
          "x | map(x) | list",
          "x | select | list",
          "x | select('eq', y) | list",
          "x | select('in', x) | list",
          "x | reject('string') | list",
          "x | selectattr('k', 'eq', y) | list",
          "x | rejectattr('k') | list",
          "x | reverse | list",
          "x | reverse",
          "x | sort",
          "[x, y, x, x] | sort",
          "[x] * 4000 | sort",
          "x | sort(attribute='k')",
          "x | sort(attribute='a,b,c,d')",
          "x | sort(reverse=true, case_sensitive=true)",
          "x | unique | list",
          "[x] * 1000 | unique | list",
          "x | unique(attribute='k') | list",
          "x | dictsort",
          "x | dictsort(by='value')",
          "x | items | list",
          "x | groupby('k')",
          "x | groupby(attribute=0)",
          "x | batch(3) | list",
          "x | batch(1, x) | list",
          "x | batch(1000000, x) | list",
          "x | slice(3) | list",
          "x | slice(1000000) | list",
          "x | sum",
          "[[x]] * 1000 | sum(start=[])",
          "x | sum(attribute='k')",
          "x | min",
          "x | max(attribute='k')",
          "x | int",
          "x | float",
          "x | abs",
          "x | round(20)",
          "x | indent",
          "x | indent(1000, true, true)",
          "x | indent(x)",
          "x | indent(9223372036854775807)",
          "x | center(999999)",
          "x | tojson",
          "x | tojson(indent=4)",
          "x | tojson(indent=100000)",
          "x | tojson(indent=x)",
          "x | tojson(separators=(x, x))",
          "x | tojson(ensure_ascii=true, sort_keys=true)",
          "[x] * 1000 | tojson",
          "x | safe",
          "x | e",
          "x | escape | string",
          "(x | safe) + x",
          "(x | safe).upper()",
          "(x | safe).split('x')",
          "x | forceescape",
          "x | format(x, y)",
          "x | attr('upper')",
          "x is string",
          "x is lower",
          "x is odd",
          "x is divisibleby(y)",
          "x is eq(y)",
          "x is in(y)",
          "x is sequence",
          "x is nosuch",
          "x | nosuch",
          "strftime_now(x)",
          "strftime_now('%Y%j%c' * 1000)",
          "strftime_now",
          "raise_exception(x)",
          "m(x, y)",
          "m(*x)",
          "m(**x)",
          "m(*[x] * 100000)",
          "[x, x, x, x]",
          "x if x else y",
          "not x",
          "x and y",
          "x or y");

  /** What was found to run for ever or out of memory once, and templates that are large. */
  static List<String> known() {
    return List.of(
        nested("[n.x, n.x]", 60) + "{{ x == y }}",
        "{{ ('a ' * 5000000).split() | length }}",
        "{{ ('a ' * 1500000).split() | length }}",
        "{{ [['x' * 15000000]] * 1000 | join }}",
        "{{ [['x' * 1500000]] * 1000 | join }}",
        "{% set s = 'x' * 10000000 %}{% for c in s %}{% set q = s[0] %}{% endfor %}",
        "{% set s = 'x' * 4000000 %}{% for c in s %}{% set q = s[0] %}{% endfor %}",
        "{% set s = 'x' * 4000000 %}{{ [s] * 4000 | sort }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(g) %}{% macro h() %}{{ f(h) }}{% endmacro %}{{ h() }}{% endmacro %}{{ f(1) }}",
        "{% for i in [[]] recursive %}{{ loop([i]) }}{% endfor %}",
        "{% set n = namespace(m=[]) %}"
            + loops("{% macro f() %}{{ i }}{% endmacro %}{% set n.m = [n.m, f] %}"),
        "{% set n = namespace(m=[]) %}" + loops("{% set n.m = [n.m, loop] %}"),
        "{% set n = namespace(m=[]) %}" + loops("{% set n.m = [n.m, namespace(a=1, b=2)] %}"),
        kept("{% set q = namespace() %}" + assignments("q.a", 40), "q"),
        kept(assignments("a", 300) + "{% macro q() %}{% endmacro %}", "q"),
        kept("{% macro q() %}{% endmacro %}" + assignments("a", 300), "q"),
        kept("", "i.a, i.b, i['c'], 'x'[9], [][9], {}['d'], loop.e, q"),
        kept("", "[], {}, (), '', 0.5 * i, i * 1000, i ~ '', 'x' ~ i"),
        kept("", "'x'.split(), 'x y'.split(), 'xy' | list, [] | select, 'x' | map('upper')"),
        kept("", "{'a': 1}.items(), {'a': 1}.copy(), dict(), dict(a=1), namespace()"),
        kept("", "'x'.upper, {}.items, loop.cycle, range, range(i), range(9)[1:], 'x' | safe"),
        "{{ " + "(".repeat(500_000),
        "{{ " + "(".repeat(500_000) + "1" + ")".repeat(500_000) + " }}",
        "{{ " + "[".repeat(90) + "1" + "]".repeat(90) + " }}",
        "{{ " + "1+".repeat(500_000) + "1 }}",
        "{{ " + "a.".repeat(500_000) + "a }}",
        "{{ 1" + "|d".repeat(500_000) + " }}",
        "{% filter upper" + "|upper".repeat(150_000) + " %}a{% endfilter %}",
        "{{ a" + "()".repeat(500_000) + " }}",
        "{{ a" + "[1]".repeat(300_000) + " }}",
        "{{ 'a'" + "~'a'".repeat(200_000) + " }}",
        "{{ 1" + "<1".repeat(500_000) + " }}",
        "{{ " + "not ".repeat(250_000) + "1 }}",
        "{{ " + "- ".repeat(500_000) + "1 }}",
        "{{ 2" + "**2".repeat(300_000) + " }}",
        "{{ 1" + " if 1 else 1".repeat(80_000) + " }}",
        "{{ 1" + " is odd".repeat(150_000) + " }}",
        "{{ [" + "1,".repeat(500_000) + "] | length }}",
        "{{ [" + "[],".repeat(300_000) + "] | length }}",
        "{{ {" + "'a':{},".repeat(140_000) + "} | length }}",
        "{{ '" + "\\n".repeat(500_000) + "' | length }}",
        "{{ " + "1".repeat(1_000_000) + " }}",
        "{{ 0x" + "f".repeat(1_000_000) + " }}",
        "{{ " + "1_".repeat(500_000) + "1 }}",
        "{{ 1." + "1".repeat(1_000_000) + " }}",
        "{{ 1e" + "9".repeat(1_000_000) + " }}",
        "{{ " + "x".repeat(1_000_000) + " }}",
        "{{ range(1)." + "x".repeat(1_000_000) + ".y }}",
        "{{1}}".repeat(200_000),
        "{% set a = 1 %}".repeat(60_000),
        "{% if 1 %}".repeat(90_000),
        "{% if 1 %}" + "{% elif 1 %}".repeat(80_000) + "{% endif %}",
        "{% for a in b %}".repeat(60_000),
        "{% macro m(" + parameters(100_000) + ") %}{% endmacro %}" + "{{ m() }}".repeat(1000),
        "{% macro m() %}{% endmacro %}{{ m(" + "1,".repeat(300_000) + ") }}",
        "{% set " + "(".repeat(500_000) + "a",
        "{% set " + "a,".repeat(300_000) + "a = 1 %}",
        "{#" + " {#".repeat(300_000),
        "{% raw %}" + "{% ".repeat(300_000),
        "{% raw %}" + "{% endraw ".repeat(90_000),
        "{" + " {".repeat(500_000),
        "{{ '".repeat(250_000),
        "{% " + " ".repeat(1_000_000),
        ("{%" + " ".repeat(1000)).repeat(1000),
        "\n".repeat(1_000_000) + "{%",
        "a \n  {%- if 1 -%}  \n {%- endif -%} ".repeat(25_000));
  }

  /** Values kept in a list for as long as the template runs. */
  private static String kept(String before, String values) {
    return "{% set k = namespace(v=[]) %}"
        + loops(before + "{% set k.v = [k.v, " + values + "] %}");
  }

  private static String assignments(String name, int count) {
    StringBuilder assignments = new StringBuilder();
    for (int i = 0; i < count; i++) {
      assignments.append("{% set ").append(name).append(i).append(" = 1 %}");
    }
    return assignments.toString();
  }

  private static String parameters(int count) {
    StringBuilder parameters = new StringBuilder("p");
    for (int i = 0; i < count; i++) {
      parameters.append(",p").append(i);
    }
    return parameters.toString();
  }

  private HostileTemplates() {}

  private static String text(String text) {
    return set("x", text, "y", "x[1:] ~ 'z'");
  }

  private static String set(String x, String xValue, String y, String yValue) {
    return "{% set " + x + " = " + xValue + " %}{% set " + y + " = " + yValue + " %}";
  }

  private static String nested(String step, int times) {
    return ("{% set n = namespace(x=0) %}{% for i in range("
        + times
        + ") %}{% set n.x = "
        + step
        + " %}{% endfor %}{% set x = n.x %}{% set n.x = 0 %}{% for i in range("
        + times
        + ") %}{% set n.x = "
        + step
        + " %}{% endfor %}{% set y = n.x %}");
  }

  /** The operation once, over and over, or over and over with its results kept. */
  private static String repeated(String operation, int how) {
    String macro = "{% macro m(a, b=1) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}";
    return macro
        + switch (how) {
          case 0 -> "{{ " + operation + " }}";
          case 1 -> loops("{% set q = " + operation + " %}");
          case 2 ->
              "{% set k = namespace(v=[]) %}" + loops("{% set k.v = [k.v, " + operation + "] %}");
          default -> loops("{{ (" + operation + ") | string | length }}");
        };
  }

  private static String loops(String body) {
    return "{% for i in range(99999) %}{% for j in range(99999) %}"
        + body
        + "{% endfor %}{% endfor %}";
  }

  /** Every operation on every value, in each of the ways to repeat it. */
  static List<String> grid() {
    List<String> grid = new ArrayList<>();
    for (String value : VALUES) {
      for (String operation : OPERATIONS) {
        for (int how = 0; how < 4; how++) {
          grid.add(value + repeated(operation, how));
        }
      }
    }
    return grid;
  }

  /** Operations within one another, on two values. */
  static String random(Random random) {
    String operation = pick(random, OPERATIONS);
    for (int i = random.nextInt(3); i >= 0; i--) {
      String inner = "(" + pick(random, OPERATIONS) + ")";
      String name = random.nextBoolean() ? "\\bx\\b" : "\\by\\b";
      operation = operation.replaceFirst(name, Matcher.quoteReplacement(inner));
    }
    return pick(random, VALUES) + repeated(operation, random.nextInt(4));
  }

  private static String pick(Random random, List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  /**
   * Renders templates and says of each that fails otherwise than in words, or takes too long.
   *
   * @param arguments the first template of the grid and how many to step by, then how many random
   *     templates and their seed
   */
  public static void main(String[] arguments) {
    List<String> templates = new ArrayList<>(known());
    List<String> grid = grid();
    int step = Integer.parseInt(arguments[1]);
    for (int i = Integer.parseInt(arguments[0]); i < grid.size(); i += step) {
      templates.add(grid.get(i));
    }
    Random random = new Random(Long.parseLong(arguments[3]));
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      templates.add(random(random));
    }
    int failures = 0;
    long longest = 0;
    for (String template : templates) {
      long start = System.nanoTime();
      String failure = failure(template);
      long millis = (System.nanoTime() - start) / 1_000_000;
      longest = Math.max(longest, millis);
      if (failure.isEmpty() && millis > MAX_MILLIS) {
        failure = "takes " + millis + " ms";
      }
      if (!failure.isEmpty()) {
        failures++;
        System.out.println(
            failure + ": " + template.substring(0, Math.min(1000, template.length())));
      }
    }
    System.out.println(
        templates.size() + " templates, " + failures + " failures, longest " + longest + " ms");
    System.exit(failures == 0 ? 0 : 1);
  }

  /** Nothing if the template gives a text or fails in words. */
  private static String failure(String template) {
    try {
      JinjaTemplate.parse(template).render(Map.of(), Clock.systemUTC());
      return "";
    } catch (JinjaException e) {
      return String.valueOf(e.getMessage()).isBlank() ? "fails without a word" : "";
    } catch (RuntimeException | Error e) {
      StackTraceElement[] trace = e.getStackTrace();
      return "fails with " + e + List.of(trace).subList(0, Math.min(6, trace.length));
    }
  }
}
