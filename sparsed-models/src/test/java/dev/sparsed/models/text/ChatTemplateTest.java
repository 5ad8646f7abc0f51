package dev.sparsed.models.text;

import static dev.sparsed.models.text.ChatMessage.assistant;
import static dev.sparsed.models.text.ChatMessage.system;
import static dev.sparsed.models.text.ChatMessage.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected texts are Jinja2's, version 3.1.6, set up as Hugging Face does. */
final class ChatTemplateTest {

  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
  private static final List<ChatMessage> CHAT = List.of(user("  Hi there <b>\n"), assistant("yo"));

  private static String render(String template) {
    return ChatTemplate.parse(template, TOKENS).render(CHAT, true);
  }

  private static void refused(String part, String template) {
    ChatTemplateException e =
        assertThrows(ChatTemplateException.class, () -> render(template), template);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void rendersInstructionTemplatesWithAlternatingRoles() {
    String template =
        """
        {%- if messages[0]['role'] == 'system' %}
            {%- set system_message = messages[0]['content'] | trim + '\\n\\n' %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system_message = '' %}
        {%- endif %}
        {{- bos_token }}
        {%- for message in messages %}
            {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
                {{- raise_exception('Roles must alternate user/assistant') }}
            {%- endif %}
            {%- if message['role'] == 'user' %}
                {{- '[INST] ' + (system_message if loop.first else '') + message['content'].strip() + ' [/INST]' }}
            {%- elif message['role'] == 'assistant' %}
                {{- ' ' ~ message.content ~ eos_token }}
            {%- endif %}
        {%- endfor %}
        """;
    ChatTemplate parsed = ChatTemplate.parse(template, TOKENS);
    assertEquals(
        "<s>[INST] Be brief.\n\nHi [/INST] yo</s>[INST] Bye [/INST]",
        parsed.render(
            List.of(system(" Be brief. "), user(" Hi "), assistant("yo"), user("Bye")), false));
    ChatTemplateException e =
        assertThrows(
            ChatTemplateException.class, () -> parsed.render(List.of(user("a"), user("b")), false));
    assertTrue(String.valueOf(e.getMessage()).contains("Roles must alternate"), e.getMessage());
  }

  @Test
  void rendersReasoningTemplatesThatLookBackThroughTheChat() {
    String template =
        """
        {%- set ns = namespace(last_user=-1) %}
        {%- for m in messages[::-1] %}
            {%- set index = (messages|length - 1) - loop.index0 %}
            {%- if ns.last_user < 0 and m.role == "user" %}{% set ns.last_user = index %}{% endif %}
        {%- endfor %}
        {%- for m in messages %}
            {%- set content = m.content.split('</think>')[-1].lstrip('\\n') if '</think>' in m.content else m.content %}
            {%- if m.role == 'assistant' and loop.index0 < ns.last_user %}
                {{- '<|im_start|>assistant\\n' + content }}
            {%- else %}
                {{- '<|im_start|>' + m.role + '\\n' + m.content }}
            {%- endif %}
            {{- '<|im_end|>\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
            {%- if enable_thinking is defined and enable_thinking is false %}
                {{- '<think>\\n\\n</think>\\n\\n' }}
            {%- endif %}
        {%- endif %}
        """;
    assertEquals(
        """
        <|im_start|>user
        q<|im_end|>
        <|im_start|>assistant
        answer<|im_end|>
        <|im_start|>user
        more<|im_end|>
        <|im_start|>assistant
        <think>

        </think>

        """,
        ChatTemplate.parse(template, TOKENS)
            .render(
                List.of(user("q"), assistant("<think>hm</think>\n\nanswer"), user("more")),
                true,
                Map.of("enable_thinking", false)));
  }

  @Test
  void rendersToolTemplatesWithMacrosAndJson() {
    String template =
        """
        {%- macro describe(tool, prefix='- ') %}
        {{ prefix }}{{ tool.function.name }}: {{ tool.function.parameters | tojson }}
        {%- endmacro %}
        {%- if tools %}
        Tools:
        {%- for tool in tools %}
        {{ describe(tool) }}
        {%- endfor %}
        {%- else %}none{% endif %}
        """;
    ChatTemplate parsed = ChatTemplate.parse(template, TOKENS);
    Map<String, Object> tool =
        Map.of("function", Map.of("name", "add", "parameters", Map.of("type", "naïve <b>")));
    assertEquals(
        "Tools:- add: {\"type\": \"naïve <b>\"}",
        parsed.render(CHAT, false, Map.of("tools", List.of(tool))));
    assertEquals("none", parsed.render(CHAT, false));
  }

  @Test
  void writesDatesAsPythonDoes() {
    Clock clock = Clock.fixed(Instant.parse("2026-07-04T09:05:00Z"), ZoneOffset.UTC);
    String template = "{{ strftime_now('%d %b %Y|%-d %B %y|%A %H:%M|%I %p|%j|%%') }}";
    assertEquals(
        "04 Jul 2026|4 July 26|Saturday 09:05|09 AM|185|%",
        ChatTemplate.parse(template, TOKENS, clock).render(CHAT, false));
    refused("%Z", "{{ strftime_now('%Z') }}");
  }

  @Test
  void neverReadsMessagesAsTemplates() {
    String content = "{{ 7*7 }}{% raise %}{# c #}";
    assertEquals(
        content,
        ChatTemplate.parse("{{ messages[0].content }}", TOKENS)
            .render(List.of(user(content)), false));
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
        "{{ '%s' % 1 }}",
        "{{ f(*x) }}",
        "{{ 'a'|escape }}",
        "{{ [1].append(2) }}",
        "{{ 'a'.format(1) }}",
        "{{ 10 ** 30 }}",
        "{{ 1 / 0 }}",
        "{{ nope() }}",
        "{{ nope.deep }}",
        "{{ nope + 'a' }}",
        "{{ nope|tojson }}",
        "{{ 'a' + 1 }}",
        "{{ range(3) }}",
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

  @Test
  void takesPlainValuesAsVariablesOnly() {
    ChatTemplate template = ChatTemplate.parse("{{ x }}", TOKENS);
    assertEquals(
        "[1, 2.5, None, 'a', {'k': True}]",
        template.render(
            CHAT, false, Map.of("x", Arrays.asList(1, 2.5f, null, "a", Map.of("k", true)))));
    assertThrows(
        IllegalArgumentException.class,
        () -> template.render(CHAT, false, Map.of("x", new Object())));
  }
}
