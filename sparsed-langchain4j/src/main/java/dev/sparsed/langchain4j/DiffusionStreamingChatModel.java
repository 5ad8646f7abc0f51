package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.sparsed.models.answer.AnswerRequest;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A diffusion model as a streaming chat model of LangChain4j. May be used by several threads at
 * once.
 *
 * <p>Sent is only text that can no longer change: that before the first token which is not decided.
 * A {@link ProvisionalTextListener} sees the rest too. What no diffusion model does is refused to
 * the calling thread, as {@link DiffusionChatModel} does; everything that fails later is told to
 * the handler's {@code onError}. After the handle's {@code cancel()} the handler is called no more,
 * and the generation ends with the step that runs.
 */
public final class DiffusionStreamingChatModel implements StreamingChatModel {

  private final ChatCore core;
  private final Executor executor;

  private DiffusionStreamingChatModel(ChatCore core, Executor executor) {
    this.core = core;
    this.executor = executor;
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
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    AnswerRequest answer = core.request(request);
    executor.execute(() -> new StreamedAnswer(core, request, handler).run(answer));
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

    private Executor executor = Builder::startThread;

    private Builder() {}

    private static void startThread(Runnable task) {
      Thread thread = new Thread(task, "sparsed-answer");
      thread.setDaemon(true);
      thread.start();
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets what runs generations and calls handlers.
     *
     * @param value such as a pool that bounds how many run at a time; otherwise each has a daemon
     *     thread of its own
     * @return this builder
     */
    public Builder executor(Executor value) {
      this.executor = value;
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
    public DiffusionStreamingChatModel build() {
      return new DiffusionStreamingChatModel(core(), executor);
    }
  }
}
