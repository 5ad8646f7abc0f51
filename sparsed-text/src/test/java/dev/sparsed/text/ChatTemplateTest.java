package dev.sparsed.text;

import static dev.sparsed.text.ChatMessage.assistant;
import static dev.sparsed.text.ChatMessage.system;
import static dev.sparsed.text.ChatMessage.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The expected texts are Jinja2's, version 3.1.6, set up as Hugging Face does. */
final class ChatTemplateTest {

  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
  private static final List<ChatMessage> CHAT = List.of(user("  Hi there <b>\n"), assistant("yo"));

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
  void neverReadsMessagesAsTemplates() {
    String content = "{{ 7*7 }}{% raise %}{# c #}";
    assertEquals(
        content,
        ChatTemplate.parse("{{ messages[0].content }}", TOKENS)
            .render(List.of(user(content)), false));
  }

  @Test
  void saysWhatIsWrongWithATemplate() {
    ChatTemplateException malformed =
        assertThrows(ChatTemplateException.class, () -> ChatTemplate.parse("\n{{ x", TOKENS));
    assertEquals("line 2: a tag is not closed", malformed.getMessage());
    ChatTemplate failing = ChatTemplate.parse("{{ 1 / 0 }}", TOKENS);
    ChatTemplateException failed =
        assertThrows(ChatTemplateException.class, () -> failing.render(CHAT, true));
    assertEquals("line 1: division by zero", failed.getMessage());
  }

  @Test
  void refusesToMakeNothingOfAConversation() {
    for (String source :
        List.of("", "{# only a comment #}", "{{ nothing }}", "{% if false %}x{% endif %} \n\n\t")) {
      ChatTemplate template = ChatTemplate.parse(source, TOKENS);
      ChatTemplateException e =
          assertThrows(ChatTemplateException.class, () -> template.render(CHAT, true), source);
      assertTrue(String.valueOf(e.getMessage()).contains("no text"), e.getMessage());
    }
    ChatTemplate echo = ChatTemplate.parse("{{ messages[0].content }}", TOKENS);
    assertEquals(" ", echo.render(List.of(user(" ")), true));
    assertThrows(ChatTemplateException.class, () -> echo.render(List.of(user("")), true));
  }

  @Test
  void handsOnSpecialTokensAndVariables() {
    ChatTemplate template =
        ChatTemplate.parse("{{ bos_token }} {{ tools }} {{ add_generation_prompt }}", TOKENS);
    assertEquals("<s> None True", template.render(CHAT, true));
    assertEquals(
        "mine [1] False",
        template.render(CHAT, false, Map.of("bos_token", "mine", "tools", List.of(1))));
  }

  @Test
  void tellsTheTimeOfItsClock() {
    Clock clock = Clock.fixed(Instant.parse("2026-07-04T09:05:00Z"), ZoneOffset.UTC);
    assertEquals(
        "4 July",
        ChatTemplate.parse("{{ strftime_now('%-d %B') }}", TOKENS, clock).render(CHAT, false));
  }
}
