package dev.sparsed.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's official client for Java. */
@Timeout(120)
class OpenAiJavaClientTest {

  private static SparsedServer server;
  private static OpenAIClient client;

  @BeforeAll
  static void start() {
    server = Demo.start(Demo.options().withApiKey("secret"));
    client = client("secret");
  }

  private static OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.uri().resolve("v1").toString())
        .apiKey(key)
        .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private static ChatCompletionCreateParams.Builder question() {
    return ChatCompletionCreateParams.builder()
        .model("village")
        .maxCompletionTokens(32)
        .addUserMessage(Demo.QUESTION);
  }

  @Test
  void chats() {
    ChatCompletion answer = client.chat().completions().create(question().build());
    assertEquals(Demo.ANSWER, answer.choices().get(0).message().content().orElseThrow());
    assertEquals(ChatCompletion.Choice.FinishReason.STOP, answer.choices().get(0).finishReason());
    assertTrue(answer.usage().orElseThrow().completionTokens() > 0);
    answer.validate();
  }

  @Test
  void streams() {
    List<String> pieces = new ArrayList<>();
    List<Long> usage = new ArrayList<>();
    ChatCompletionCreateParams params =
        question()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(params)) {
      chunks.stream()
          .forEach(
              chunk -> {
                chunk.validate();
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(pieces::add));
                chunk.usage().ifPresent(each -> usage.add(each.totalTokens()));
              });
    }
    assertEquals(Demo.ANSWER, String.join("", pieces));
    assertEquals(1, usage.size());
  }

  @Test
  void streamsStepsAmongTheRest() {
    ChatCompletionCreateParams params =
        question()
            .putAdditionalBodyProperty("method", JsonValue.from("dual-cache"))
            .streamOptions(
                ChatCompletionStreamOptions.builder()
                    .putAdditionalProperty("include_steps", JsonValue.from(true))
                    .build())
            .build();
    List<ChatCompletionChunk> steps;
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(params)) {
      steps = chunks.stream().filter(chunk -> chunk.choices().isEmpty()).toList();
    }
    assertTrue(steps.get(0)._additionalProperties().containsKey("sparsed"));
  }

  @Test
  void continues() {
    Completion answer =
        client
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model("village")
                    .prompt("Ulla plays")
                    .maxTokens(4)
                    .build());
    answer.validate();
    assertTrue(answer.usage().orElseThrow().completionTokens() <= 4);
  }

  @Test
  void listsModels() {
    assertEquals("village", client.models().list().data().get(0).id());
  }

  @Test
  void readsErrors() {
    BadRequestException bad =
        assertThrows(
            BadRequestException.class,
            () -> client.chat().completions().create(question().n(2).build()));
    assertEquals("n", bad.param().orElseThrow());
    assertEquals("unsupported_parameter", bad.code().orElseThrow());
    assertThrows(
        NotFoundException.class,
        () -> client.chat().completions().create(question().model("gpt").build()));
    OpenAIClient stranger = client("wrong");
    assertThrows(UnauthorizedException.class, () -> stranger.models().list());
    stranger.close();
  }
}
