package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What LangChain4j asks of every chat model, as far as a small model can show it. */
class CommonChatModelTest extends AbstractChatModelIT {

  private static final String KNOWLEDGE = "needs a model that was trained on more than a village";

  @Override
  protected List<ChatModel> models() {
    return List.of(DiffusionChatModel.builder().model(Demo.model()).build());
  }

  @Override
  protected ChatModel createModelWith(ChatRequestParameters parameters) {
    return DiffusionChatModel.builder()
        .model(Demo.model())
        .defaultRequestParameters(parameters)
        .build();
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
  protected void should_respect_user_message(ChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_system_message(ChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_multiple_messages(ChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_stopSequences_in_chat_request(ChatModel model) {}

  @Override
  @Disabled(KNOWLEDGE)
  @Test
  protected void should_respect_stopSequences_in_default_model_parameters() {}
}
