package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;

/** What LangChain4j asks of every streaming chat model about listeners. */
class CommonStreamingChatModelListenerTest extends AbstractStreamingChatModelListenerIT {

  @Override
  protected StreamingChatModel createModel(ChatModelListener listener) {
    return builder(listener).build();
  }

  @Override
  protected String modelName() {
    return "village";
  }

  @Override
  protected StreamingChatModel createFailingModel(ChatModelListener listener) {
    return builder(listener)
        .provisionalTextListener(
            (request, step) -> {
              throw new ArithmeticException("fails in its first step");
            })
        .build();
  }

  private DiffusionStreamingChatModel.Builder builder(ChatModelListener listener) {
    return DiffusionStreamingChatModel.builder()
        .model(Demo.model())
        .modelName(modelName())
        .defaultRequestParameters(ChatRequestParameters.builder().topP(topP()).build())
        .temperature(temperature())
        .maxOutputTokens(maxTokens())
        .listeners(List.of(listener));
  }

  @Override
  protected Class<? extends Exception> expectedExceptionClass() {
    return ArithmeticException.class;
  }

  @Override
  protected boolean supportsTools() {
    return false;
  }
}
