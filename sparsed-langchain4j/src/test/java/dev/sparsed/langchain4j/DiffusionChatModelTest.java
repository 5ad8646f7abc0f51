package dev.sparsed.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.sparsed.models.method.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DiffusionChatModelTest {

  private static final DiffusionChatModel CHAT =
      DiffusionChatModel.builder().model(Demo.model()).modelName("village").build();

  @Test
  void answersWithUsageAndFinishReason() {
    ChatResponse response = CHAT.chat(UserMessage.from(Demo.QUESTION));
    assertEquals(Demo.ANSWER, response.aiMessage().text());
    assertEquals("village", response.modelName());
    assertEquals(FinishReason.STOP, response.finishReason());
    assertEquals(
        Demo.model().chatFormat().question(Demo.QUESTION).length,
        response.tokenUsage().inputTokenCount());
    assertTrue(response.tokenUsage().outputTokenCount() > 3);
  }

  @Test
  void doesWhatItsParametersSay() {
    ChatRequestParameters cut =
        DiffusionChatRequestParameters.builder()
            .method(Method.parse("dual-cache"))
            .steps(32)
            .seed(7)
            .maxOutputTokens(2)
            .build();
    assertEquals(FinishReason.LENGTH, chat(cut).finishReason());
    ChatResponse stopped = chat(ChatRequestParameters.builder().stopSequences("plays").build());
    assertEquals("Ulla", stopped.aiMessage().text());
    assertEquals(FinishReason.STOP, stopped.finishReason());
    assertEquals(
        Demo.ANSWER,
        chat(ChatRequestParameters.builder().temperature(0.0).build()).aiMessage().text());
  }

  @Test
  void drawsOtherTokensFromOtherSeedsAndTheSameFromTheSame() {
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    for (long seed = 0; seed < 4; seed++) {
      first.add(hot(seed));
      second.add(hot(seed));
    }
    assertEquals(first, second);
    assertTrue(first.stream().distinct().count() > 1, first::toString);
  }

  private static String hot(long seed) {
    return chat(DiffusionChatRequestParameters.builder()
            .temperature(50.0)
            .seed(seed)
            .maxOutputTokens(8)
            .build())
        .aiMessage()
        .text();
  }

  @Test
  void readsSystemMessagesAnswersAndSeveralTexts() {
    ChatResponse response =
        CHAT.chat(
            SystemMessage.from("Answer."),
            UserMessage.from("Hello."),
            AiMessage.from("Hello."),
            UserMessage.from(TextContent.from("What"), TextContent.from("now?")));
    int tokens =
        Demo.model()
            .chatFormat()
            .conversation(
                List.of(
                    dev.sparsed.text.ChatMessage.system("Answer."),
                    dev.sparsed.text.ChatMessage.user("Hello."),
                    dev.sparsed.text.ChatMessage.assistant("Hello."),
                    dev.sparsed.text.ChatMessage.user("What\nnow?")))
            .length;
    assertEquals(tokens, response.tokenUsage().inputTokenCount());
  }

  static Stream<ChatRequestParameters> unsupported() {
    return Stream.of(
        ChatRequestParameters.builder().frequencyPenalty(0.5).build(),
        ChatRequestParameters.builder().presencePenalty(0.5).build(),
        ChatRequestParameters.builder().modelName("gpt").build(),
        ChatRequestParameters.builder().topK(3).build(),
        ChatRequestParameters.builder().topP(0.5).build());
  }

  @ParameterizedTest
  @MethodSource
  void unsupported(ChatRequestParameters parameters) {
    UnsupportedFeatureException refusal =
        assertThrows(UnsupportedFeatureException.class, () -> chat(parameters));
    assertTrue(String.valueOf(refusal.getMessage()).contains("not supported"), refusal::toString);
  }

  static Stream<ChatMessage> unreadable() {
    ToolExecutionRequest call = ToolExecutionRequest.builder().id("1").name("add").build();
    return Stream.of(AiMessage.from(call), ToolExecutionResultMessage.from(call, "3"));
  }

  @ParameterizedTest
  @MethodSource
  void unreadable(ChatMessage message) {
    assertThrows(
        UnsupportedFeatureException.class,
        () -> CHAT.chat(UserMessage.from("Add."), message, UserMessage.from("And?")));
  }

  @Test
  void refusesWhatDoesNotFit() {
    for (ChatRequestParameters parameters :
        List.of(
            ChatRequestParameters.builder().maxOutputTokens(0).build(),
            ChatRequestParameters.builder().stopSequences("").build(),
            ChatRequestParameters.builder().temperature(-1.0).build(),
            DiffusionChatRequestParameters.builder().maxOutputTokens(64).steps(3).build())) {
      assertThrows(InvalidRequestException.class, () -> chat(parameters), parameters::toString);
    }
  }

  @Test
  void needsAModel() {
    NullPointerException refusal =
        assertThrows(NullPointerException.class, () -> DiffusionChatModel.builder().build());
    assertTrue(String.valueOf(refusal.getMessage()).contains("model(DiffusionModel)"));
  }

  @Test
  void bearsTheNameOfItsFolder() {
    assertEquals(
        Demo.model().folder().getFileName().toString(),
        DiffusionChatModel.builder()
            .model(Demo.model())
            .maxOutputTokens(1)
            .build()
            .chat(UserMessage.from("Hello."))
            .modelName());
  }

  @Test
  void returnsWhatThereIsWhenItsThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    ChatResponse response = CHAT.chat(UserMessage.from(Demo.QUESTION));
    assertTrue(Thread.interrupted());
    assertEquals(FinishReason.OTHER, response.finishReason());
  }

  @Test
  void keepsItsOwnParametersWhenOthersAreLaidOverThem() {
    DiffusionChatRequestParameters own =
        DiffusionChatRequestParameters.builder().seed(3).steps(4).temperature(0.5).build();
    ChatRequestParameters others = ChatRequestParameters.builder().temperature(0.1).build();
    assertEquals(
        DiffusionChatRequestParameters.builder().seed(3).steps(4).temperature(0.1).build(),
        own.overrideWith(others));
    assertEquals(own, DefaultChatRequestParameters.EMPTY.overrideWith(own));
    assertEquals(own, own.defaultedBy(others));
    assertEquals(own.hashCode(), own.defaultedBy(others).hashCode());
  }

  private static ChatResponse chat(ChatRequestParameters parameters) {
    return CHAT.chat(
        ChatRequest.builder()
            .messages(UserMessage.from(Demo.QUESTION))
            .parameters(parameters)
            .build());
  }
}
