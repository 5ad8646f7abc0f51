package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.sparsed.models.GenerationListener.Reaction;
import dev.sparsed.models.answer.AnswerListener;
import java.util.List;

/**
 * A diffusion model as a chat model of LangChain4j. May be used by several threads at once.
 *
 * <p>An interruption of the calling thread ends an answer; its response holds what could no longer
 * change and {@code FinishReason.OTHER}.
 *
 * <p>Tools, JSON formats, images, frequency and presence penalties are refused with an {@link
 * dev.langchain4j.exception.UnsupportedFeatureException} that names them; what does not fit the
 * model otherwise with an {@link dev.langchain4j.exception.InvalidRequestException}.
 */
public final class DiffusionChatModel implements ChatModel {

  private final ChatCore core;

  private DiffusionChatModel(ChatCore core) {
    this.core = core;
  }

  /**
   * Starts a chat model.
   *
   * @return a builder that still needs a model
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    AnswerListener listener =
        new AnswerListener() {
          @Override
          public Reaction onStep(AnswerListener.AnswerStep step) {
            core.provisional().onStep(request, step);
            return Reaction.CONTINUE;
          }
        };
    return core.response(core.answer(core.request(request), listener));
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return core.parameters();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return core.listeners();
  }

  /** Collects a chat model. */
  public static final class Builder extends ChatModelBuilder<Builder> {

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Builds the chat model.
     *
     * @return the chat model
     * @throws NullPointerException if no model was set
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if the default parameters hold
     *     what diffusion models do not support
     */
    public DiffusionChatModel build() {
      return new DiffusionChatModel(core());
    }
  }
}
