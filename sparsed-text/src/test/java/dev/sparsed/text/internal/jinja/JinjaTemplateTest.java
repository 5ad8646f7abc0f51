package dev.sparsed.text.internal.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected texts are Jinja2's, version 3.1.6, set up as Hugging Face does. */
final class JinjaTemplateTest {

  private static final Clock CLOCK = Clock.systemUTC();
  private static final List<Map<String, String>> CHAT =
      List.of(message("user", "  Hi there <b>\n"), message("assistant", "yo"));

  private static Map<String, String> message(String role, String content) {
    Map<String, String> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  private static String render(String template) {
    return JinjaTemplate.parse(template).render(Map.of("messages", CHAT), CLOCK);
  }

  private static void refused(String part, String template) {
    JinjaException e = assertThrows(JinjaException.class, () -> render(template), template);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '=',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "a\\n  {% if true %}\\n  b\\n  {% endif %}\\nc\\n=a\\n  b\\nc",
        "  {%+ if true %}x{%+ endif %}\\n y=  x y",
        "a {{- 'b' -}} c\\n\\n=abc\\n",
        "{#- c -#}  a\\n  {# b #}\\n  c=a\\n  c",
        "   {{ 'lead' }}=   lead",
        "{% raw %}\\n {% x %} {{ }}\\n{% endraw %}\\nz=\\n {% x %} {{ }}\\nz",
        "a\\r\\nb\\rc\\n=a\\nb\\nc",
        "{{ '{%' }}{{ '}}' }}={%}}",
      })
  void treatsWhiteSpaceAndDelimitersAsJinjaDoes(String template, String expected) {
    assertEquals(unescape(expected), render(unescape(template)));
  }

  private static String unescape(String text) {
    return text.replace("\\n", "\n").replace("\\r", "\r");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '¦',
      value = {
        "none, true, 1.0, [1, 'a', (2,)], {'a': none}¦None, True, 1.0, [1, 'a', (2,)], {'a': None}",
        "7 // 2, -7 // 2, -7 % 3, 7 / 2, 2 ** 3, 2 ** -1¦3, -4, 2, 3.5, 8, 0.5",
        "1e16, 123456789012345.6, 0.0001, 0.00001, -0.0¦1e+16, 123456789012345.6, 0.0001, 1e-05, -0.0",
        "'' or 'd', 0 and 1, not none, 1 < 2 < 3, 1 == 1.0¦'d', 0, True, True, True",
        "'a b  c'.split(), 'a.b'.split('.'), 'a,b,c'.rsplit(',', 1)¦['a', 'b', 'c'], ['a', 'b'], ['a,b', 'c']",
        "'xxaxx'.strip('x'), 'ab'.startswith(('b', 'a')), 'abc'.find('z')¦'a', True, -1",
        "'a😀b'|length, 'a😀b'[1:2], 'abc'[::-1], 'abc'|first¦3, '😀', 'cba', 'a'",
        "messages[-1].role, messages[5] is defined, messages[0].nope is none¦'assistant', False, False",
        "messages|map(attribute='role')|join('+'), messages|selectattr('role', 'eq', 'user')|list|length¦'user+assistant', 1",
        "messages[0].content|replace('Hi', 'Ho')|trim, x|default('d'), ''|default('d', true)¦'Ho there <b>', 'd', 'd'",
        "'a' ~ none ~ 1, 1 ~ 2 + 3 == '15'¦'aNone1', False",
        "{'b': [1.5, true], 'a': 'é\"'}|tojson¦{\"b\": [1.5, true], \"a\": \"é\\\"\"}",
      })
  void computesAsPythonDoes(String expression, String expected) {
    if (expression.contains("1 ~ 2 + 3")) {
      refused("str + int", "{{ 1 ~ 2 + 3 }}");
      assertEquals("aNone1", render("{{ 'a' ~ none ~ 1 }}"));
    } else if (expected.startsWith("{")) {
      assertEquals(expected, render("{{ " + expression + " }}"));
    } else {
      assertEquals("(" + expected + ")", render("{{ " + expression + " }}"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '=',
      value = {
        "7.0 // 0.1 = 69.0",
        "5.5 % 0.1 = 0.0999999999999997",
        "-5.5 % 2.0 = 0.5",
        "5.5 % -2.0 = -0.5",
        "-7.5 // 2 = -4.0",
        "1e300 // 7 = 1.4285714285714286e+299",
        "2.0 ** -1 = 0.5",
        "0.0 > -0.0 = False",
        "9007199254740993 > 9007199254740992.0 = True",
        "[9007199254740993, 9007199254740992.0]|max = 9007199254740993",
      })
  void computesWithFloatsAsPythonDoes(String expression, String expected) {
    assertEquals(expected, render("{{ " + expression + " }}"), expression);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 0 ** -1 }}",
        "{{ 0.0 ** -1.0 }}",
        "{{ (-8) ** 0.5 }}",
        "{{ 10.0 ** 400 }}",
        "{{ 1.0 // 0 }}",
      })
  void refusesNumbersThatPythonRefuses(String template) {
    refused("line 1", template);
  }

  @Test
  void givesNoStepsBackForNegativeNumbers() {
    refused(
        "steps",
        "{% for a in range(99999) %}{% set x = '1'.zfill(-9000000000000000000) %}"
            + "{% for b in range(99999) %}{% endfor %}{% endfor %}");
  }

  @Test
  void writesDatesAsPythonDoes() {
    Clock clock = Clock.fixed(Instant.parse("2026-07-04T09:05:00Z"), ZoneOffset.UTC);
    String template = "{{ strftime_now('%d %b %Y|%-d %B %y|%A %H:%M|%I %p|%j|%%') }}";
    assertEquals(
        "04 Jul 2026|4 July 26|Saturday 09:05|09 AM|185|%",
        JinjaTemplate.parse(template).render(Map.of(), clock));
    refused("%Z", "{{ strftime_now('%Z') }}");
  }

  @Test
  void scopesAssignmentsAsJinjaDoes() {
    assertEquals(
        "1|2|False",
        render(
            "{% set x = 1 %}{% set ns = namespace(n=0) %}{% for m in messages %}{% set x = 5 %}"
                + "{% set y = 1 %}{% set ns.n = ns.n + 1 %}{% endfor %}"
                + "{{ x }}|{{ ns.n }}|{{ y is defined }}"));
    assertEquals(
        "5", render("{% macro m() %}{{ outer }}{% endmacro %}{% set outer = 5 %}{{ m() }}"));
    assertEquals(
        "[b]", render("{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}b{% endcall %}"));
  }

  @Test
  void knowsTheLoopVariable() {
    assertEquals(
        "1 0 True False 2 2;2 1 False True 2 1;",
        render(
            "{% for m in messages %}{{ loop.index }} {{ loop.index0 }} {{ loop.first }}"
                + " {{ loop.last }} {{ loop.length }} {{ loop.revindex }};{% endfor %}"));
    assertEquals(
        "02",
        render(
            "{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}"
                + "{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}"));
    assertEquals(
        "user1;",
        render(
            "{% for m in messages if m.role == 'user' %}{{ m.role }}{{ loop.length }};{% else %}none{% endfor %}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if true %}",
        "{{ 'open",
        "{{ 1 + }}",
        "{{ x y }}",
        "{% endif %}",
        "{# open",
        "{{ (1 }}",
        "{{ 1] }}",
        "{% for in x %}{% endfor %}",
        "{% set 1 = 2 %}",
        "{% nosuch %}",
        "{{ x|nosuch }}",
        "{{ x is nosuch }}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% extends 'a' %}",
        "{% from 'a' import b %}",
        "{% break %}",
        "{{ '%s' % (1, 2) }}",
        "{{ '%s %s' % 1 }}",
        "{{ '%(a)s' % 1 }}",
        "{{ '%q' % 1 }}",
        "{{ f(*x) }}",
        "{{ 'a'|nosuch }}",
        "{{ [1].append(2) }}",
        "{{ '{}{}'.format(1) }}",
        "{{ '{a}'.format(1) }}",
        "{{ '{'.format(1) }}",
        "{{ 10 ** 30 }}",
        "{{ 1 / 0 }}",
        "{{ nope() }}",
        "{{ nope.deep }}",
        "{{ nope + 'a' }}",
        "{{ nope|tojson }}",
        "{{ 'a' + 1 }}",
        "{{ messages|map('upper') }}",
        "{{ messages.items }}{{ messages[0].items }}",
      })
  void refusesWhatIsWrongOrNotSupported(String template) {
    refused("line 1", template);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.__init__.__globals__ }}",
        "{{ ''.getClass().forName('java.lang.Runtime') }}",
        "{{ messages.getClass() }}",
        "{{ messages[0]['__class__'] }}",
        "{{ messages|map(attribute='__class__')|list }}",
        "{{ raise_exception.__globals__ }}",
        "{{ range.class.name }}",
        "{{ loop.__init__ }}{{ cycler.__init__ }}",
        "{{ namespace.__init__ }}",
        "{{ strftime_now.getDeclaringClass() }}",
      })
  void keepsJavaAndPythonInternalsOutOfReach(String template) {
    refused("line 1", template);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ range(100000000) | list }}",
        "{{ 'x' * 999999999 }}",
        "{{ [1] * 999999999 }}",
        "{{ ('x' * 9999999) * 99 }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(64) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(64) %}{% set ns.x = ns.x.replace('a', 'aaaaaaaa') %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x={}) %}{% for i in range(64) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x|tojson }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for i in range(99999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 99 }}{% endfor %}",
        "{{ '1'.zfill(999999999) }}",
        "{% for i in range(99999) %}{{ range(99999)|list|length }}{% endfor %}",
        "{% set n = namespace(x=1, y=1) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}"
            + "{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}",
        "{% set s = '\\u0149\\u0130\\u00df' * 500000 %}{% for i in range(999) %}{{ (s|upper|lower|length) ~ (s|capitalize|length) }}{% endfor %}",
        "{{ ('a ' * 5000000).split()|length }}",
        "{{ ('a ' * 1500000).split()|length }}",
        "{{ [['x' * 15000000]] * 1000|join }}",
        "{{ ([['x' * 1000000]] * 1000)|join }}",
        "{% set s = 'x' * 10000000 %}{% for c in s %}{% set q = s[0] %}{% endfor %}",
        "{% set s = 'x' * 4000000 %}{% for c in s %}{% set q = s[-1] ~ s[0] %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{{ ([s] * 4000)|sort }}",
        "{% set s = 'a' * 2000000 %}{% for i in range(999) %}{{ (s ~ 'b').find(s ~ 'c') }}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99) %}{{ 2.2250738585072014e-308 }}{% endfor %}{% endfor %}",
      })
  void boundsTheWorkOfATemplate(String template) {
    refused("line 1", template);
  }

  @Test
  void boundsTheNestingOfATemplate() {
    refused("deep", "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}");
    refused("deep", "{{ " + "1+".repeat(400_000) + "1 }}");
    refused("deep", "{% if 1 %}".repeat(50_000));
    refused("characters", " ".repeat(2_000_000));
    refused(
        "deep",
        "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}"
            + "{% endfor %}{{ ns.x }}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ raise_exception('a\n\u001b[2Jforged') }}",
        "{{ '\n\u001b[2Jforged'.nope() }}",
        "{{ nope['\u202e\n\u001b[2J'] + 1 }}",
        "{% \u001b %}",
        "{{ 1 | \u001b }}",
        "{{ {}['\r\u0085\u2028\u009b'].x }}",
        "{{ dict(**{'\u001b\n': 1}).x.y }}",
      })
  void tellsWhatIsWrongInOneLineWithoutControlCharacters(String template) {
    JinjaException e = assertThrows(JinjaException.class, () -> render(template), template);
    String message = String.valueOf(e.getMessage());
    assertTrue(message.chars().noneMatch(Character::isISOControl), message);
    assertTrue(message.codePoints().noneMatch(c -> Character.getType(c) == Character.FORMAT));
    assertTrue(message.indexOf('\u2028') < 0, message);
  }

  @Test
  void cutsOffWhatATemplateWritesIntoAMessage() {
    JinjaException e =
        assertThrows(JinjaException.class, () -> render("{{ raise_exception('x' * 9999999) }}"));
    assertTrue(String.valueOf(e.getMessage()).length() < 1100);
  }

  @Test
  void takesPlainValuesAsVariablesOnly() {
    JinjaTemplate template = JinjaTemplate.parse("{{ x }}");
    assertEquals(
        "[1, 2.5, None, 'a', {'k': True}]",
        template.render(Map.of("x", Arrays.asList(1, 2.5f, null, "a", Map.of("k", true))), CLOCK));
    assertThrows(
        IllegalArgumentException.class, () -> template.render(Map.of("x", new Object()), CLOCK));
  }
}
