package dev.sparsed.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionReaderTest {

  private final CompletionReader reader =
      new CompletionReader("village", ServerOptions.DEFAULT.withRequestLimits(1000, 100), true);

  @Test
  void readsWhatClientsSend() {
    AnswerCall call =
        chat(
            "\"model\":\"village\",\"temperature\":0.5,\"max_completion_tokens\":7,\"seed\":3,"
                + "\"stop\":[\"a\",\"b\"],\"n\":1,\"user\":\"me\",\"tools\":[],\"logprobs\":false,"
                + "\"frequency_penalty\":0,\"presence_penalty\":null,\"logit_bias\":{},"
                + "\"response_format\":{\"type\":\"text\"},\"method\":\"dual-cache\",\"stream\":true,"
                + "\"stream_options\":{\"include_usage\":true}");
    assertEquals(7, call.request().maxTokens());
    assertEquals(OptionalDouble.of(0.5), call.request().sampling().temperature());
    assertEquals("dual-cache", call.request().method().name());
    assertEquals(new AnswerCall.Delivery(true, true, false, false), call.delivery());
  }

  @Test
  void knowsOpenAisDefaults() {
    assertEquals(100, chat("\"stream\":false").request().maxTokens());
    assertEquals(16, continuation("\"prompt\":\"a\"").request().maxTokens());
  }

  @Test
  void readsPartsOfTextAndDevelopers() {
    reader.chat(
        ("{\"messages\":[{\"role\":\"developer\",\"content\":\"a\"},{\"role\":\"user\",\"content\":"
                + "[{\"type\":\"text\",\"text\":\"b\"},{\"type\":\"text\",\"text\":\"c\"}]},"
                + "{\"role\":\"assistant\",\"content\":null,\"refusal\":null},"
                + "{\"role\":\"user\",\"content\":\"d\",\"name\":\"me\"}]}")
            .getBytes(UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tools | \"tools\":[{\"type\":\"function\"}]",
        "tool_choice | \"tool_choice\":\"required\"",
        "response_format | \"response_format\":{\"type\":\"json_object\"}",
        "n | \"n\":2",
        "n | \"n\":1.9",
        "n | \"n\":4294967297",
        "n | \"n\":\"1\"",
        "n | \"n\":1e999",
        "logprobs | \"logprobs\":true",
        "frequency_penalty | \"frequency_penalty\":0.1",
        "presence_penalty | \"presence_penalty\":-1",
        "logit_bias | \"logit_bias\":{\"50\":-100}",
        "max_tokens | \"max_tokens\":101",
        "max_tokens | \"max_tokens\":0",
        "max_tokens | \"max_tokens\":1.5",
        "min_tokens | \"max_tokens\":5,\"min_tokens\":6",
        "max_tokens | \"max_tokens\":\"7\"",
        "temperature | \"temperature\":-0.1",
        "temperature | \"temperature\":\"hot\"",
        "top_p | \"top_p\":1.5",
        "seed | \"seed\":99999999999999999999",
        "stop | \"stop\":\"\"",
        "stop | \"stop\":[1]",
        "stream | \"stream\":\"yes\"",
        "stream_options | \"stream_options\":{\"include_usage\":true}",
        "stream_options.other | \"stream\":true,\"stream_options\":{\"other\":true}",
        "method | \"method\":\"nonsense\"",
        "sparsity | \"sparsity\":\"often\"",
        "temprature | \"temprature\":0.5",
      })
  void refusesByName(String parameter, String field) {
    ApiError error = assertThrows(ApiError.class, () -> chat(field));
    assertEquals(parameter, error.parameter().orElse(""));
    assertEquals(400, error.status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "messages | {}",
        "messages | {\"messages\":[]}",
        "messages[0] | {\"messages\":[\"hi\"]}",
        "messages[0].role | {\"messages\":[{\"content\":\"a\"}]}",
        "messages[0].role | {\"messages\":[{\"role\":\"tool\",\"content\":\"a\"}]}",
        "messages[0].content | {\"messages\":[{\"role\":\"user\",\"content\":7}]}",
        "messages[0].content | {\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}",
        "messages[0].tool_calls | {\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{}]}]}",
      })
  void refusesMessagesByName(String parameter, String body) {
    ApiError error = assertThrows(ApiError.class, () -> reader.chat(body.getBytes(UTF_8)));
    assertEquals(parameter, error.parameter().orElse(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"method\":\"%s\"", "\"%s\":1", "\"model\":\"%s\""})
  void repeatsNoMegabytes(String field) {
    String fields = String.format(Locale.ROOT, field, "x".repeat(1 << 20));
    ApiError error = assertThrows(ApiError.class, () -> chat(fields));
    assertTrue(error.json().toString().length() < 10_000, field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prompt | \"max_tokens\":3",
        "prompt | \"prompt\":\"\"",
        "prompt | \"prompt\":[\"a\",\"b\"]",
        "prompt | \"prompt\":[1,2]",
        "echo | \"prompt\":\"a\",\"echo\":true",
        "suffix | \"prompt\":\"a\",\"suffix\":\"b\"",
        "best_of | \"prompt\":\"a\",\"best_of\":2",
        "best_of | \"prompt\":\"a\",\"best_of\":4294967297",
        "logprobs | \"prompt\":\"a\",\"logprobs\":1",
        "messages | \"prompt\":\"a\",\"messages\":[]",
      })
  void refusesContinuationsByName(String parameter, String fields) {
    ApiError error = assertThrows(ApiError.class, () -> continuation(fields));
    assertEquals(parameter, error.parameter().orElse(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"''", "{", "nul", "{} {}", "{\"a\":1,\"a\":2}", "\"text\""})
  void refusesWhatIsNoObject(String body) {
    ApiError error = assertThrows(ApiError.class, () -> reader.chat(body.getBytes(UTF_8)));
    assertTrue(error.parameter().isEmpty());
    assertEquals(400, error.status());
  }

  @Test
  void refusesDeepNestingWithWords() {
    byte[] body = ("{\"messages\":" + "[".repeat(100_000)).getBytes(UTF_8);
    assertEquals(400, assertThrows(ApiError.class, () -> reader.chat(body)).status());
  }

  private AnswerCall chat(String fields) {
    return reader.chat(
        ("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + fields + "}").getBytes(UTF_8));
  }

  private AnswerCall continuation(String fields) {
    return reader.continuation(("{" + fields + "}").getBytes(UTF_8));
  }
}
