package dev.sparsed.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.sparsed.models.answer.AnswerListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** On the calling thread, where nothing has to be waited for. */
class DiffusionStreamingChatModelTest {

  private static final Executor HERE = Runnable::run;

  private static DiffusionStreamingChatModel.Builder chat() {
    return DiffusionStreamingChatModel.builder().model(Demo.model()).executor(HERE);
  }

  @Test
  void sendsTheAnswerInPieces() {
    Recorder recorder = new Recorder();
    chat().build().chat(Demo.QUESTION, recorder);
    ChatResponse response = recorder.onlyResponse();
    assertEquals(Demo.ANSWER, response.aiMessage().text());
    assertEquals(Demo.ANSWER, String.join("", recorder.pieces));
    assertTrue(recorder.errors.isEmpty());
  }

  @Test
  void sendsOnlyWhatCanNoLongerChange() {
    Recorder recorder = new Recorder();
    List<String> provisional = new ArrayList<>();
    chat()
        .provisionalTextListener(
            (request, step) -> {
              assertEquals(String.join("", recorder.pieces), step.settled());
              assertTrue(Demo.ANSWER.startsWith(step.settled()), step::settled);
              provisional.add(step.provisional());
            })
        .build()
        .chat(Demo.QUESTION, recorder);
    assertTrue(provisional.get(0).indexOf(AnswerListener.AnswerStep.OPEN) >= 0);
    assertEquals(Demo.ANSWER, provisional.get(provisional.size() - 1));
  }

  @Test
  void callsNobodyAfterACancellation() {
    List<AnswerListener.AnswerStep> steps = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
            super.onPartialResponse(partial, context);
            StreamingHandle handle = context.streamingHandle();
            assertEquals(false, handle.isCancelled());
            handle.cancel();
            handle.cancel();
            assertTrue(handle.isCancelled());
          }
        };
    chat()
        .provisionalTextListener(
            (request, step) -> {
              steps.add(step);
              assertTrue(recorder.pieces.isEmpty());
            })
        .build()
        .chat(Demo.QUESTION, recorder);
    assertEquals(1, recorder.pieces.size());
    assertTrue(recorder.responses.isEmpty());
    assertTrue(recorder.errors.isEmpty());
    assertTrue(steps.size() < 128);
  }

  @Test
  void tellsWhatHandlersThrowAndGoesOn() {
    RuntimeException thrown = new IllegalStateException("the user's");
    Recorder recorder =
        new Recorder() {
          @Override
          public void onPartialResponse(String text) {
            super.onPartialResponse(text);
            throw thrown;
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            super.onCompleteResponse(response);
            throw thrown;
          }

          @Override
          public void onError(Throwable error) {
            super.onError(error);
            throw new IllegalStateException("passed over");
          }
        };
    chat().build().chat(Demo.QUESTION, recorder);
    assertEquals(Demo.ANSWER, recorder.onlyResponse().aiMessage().text());
    assertEquals(recorder.pieces.size() + 1, recorder.errors.size());
    recorder.errors.forEach(error -> assertSame(thrown, error));
  }

  @Test
  void tellsErrorsToTheHandlerAndRefusalsToTheCaller() {
    Recorder recorder = new Recorder();
    ChatRequestParameters steps =
        DiffusionChatRequestParameters.builder().maxOutputTokens(64).steps(3).build();
    chat().build().chat(request(steps), recorder);
    assertInstanceOf(InvalidRequestException.class, recorder.errors.get(0));
    ChatRequestParameters penalty = ChatRequestParameters.builder().presencePenalty(1.0).build();
    assertThrows(
        UnsupportedFeatureException.class, () -> chat().build().chat(request(penalty), recorder));
    assertEquals(1, recorder.errors.size());
    assertTrue(recorder.responses.isEmpty());
  }

  private static ChatRequest request(ChatRequestParameters parameters) {
    return ChatRequest.builder()
        .messages(UserMessage.from(Demo.QUESTION))
        .parameters(parameters)
        .build();
  }

  private static class Recorder implements StreamingChatResponseHandler {

    final List<String> pieces = new ArrayList<>();
    final List<ChatResponse> responses = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();

    ChatResponse onlyResponse() {
      assertEquals(1, responses.size(), errors::toString);
      return responses.get(0);
    }

    @Override
    public void onPartialResponse(String text) {
      pieces.add(text);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
    }
  }
}
