package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.models.method.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects what both chat models take.
 *
 * @param <B> the builder itself
 */
abstract sealed class ChatModelBuilder<B extends ChatModelBuilder<B>>
    permits DiffusionChatModel.Builder, DiffusionStreamingChatModel.Builder {

  private final DiffusionChatRequestParameters.Builder parameters =
      DiffusionChatRequestParameters.builder()
          .method(Method.SPARSED)
          .maxOutputTokens(AnswerRequest.DEFAULT_MAX_TOKENS);
  private @Nullable DiffusionModel model;
  private @Nullable String modelName;
  private List<ChatModelListener> listeners = List.of();
  private ProvisionalTextListener provisional = ProvisionalTextListener.NONE;

  abstract B self();

  /**
   * Sets the model, without which there is no chat model.
   *
   * @param value the model; it stays the caller's, who closes it when no answer is wanted any more
   * @return this builder
   */
  public B model(DiffusionModel value) {
    this.model = value;
    return self();
  }

  /**
   * Sets the name that responses bear.
   *
   * @param value any name; otherwise the name of the model's folder
   * @return this builder
   */
  public B modelName(String value) {
    this.modelName = value;
    return self();
  }

  /**
   * Sets how to generate where a request does not say.
   *
   * @param value such as {@code Method.parse("sparsed+dual-cache")}; otherwise SparseD as
   *     published, where it pays off
   * @return this builder
   */
  public B method(Method value) {
    parameters.method(value);
    return self();
  }

  /**
   * Sets what requests leave open, beside what was set before.
   *
   * @param value LangChain4j's parameters, or {@link DiffusionChatRequestParameters}
   * @return this builder
   */
  public B defaultRequestParameters(ChatRequestParameters value) {
    parameters.overrideWith(value);
    return self();
  }

  /**
   * Sets the most tokens of an answer.
   *
   * @param value at least 1; 128 unless it is set
   * @return this builder
   */
  public B maxOutputTokens(int value) {
    parameters.maxOutputTokens(value);
    return self();
  }

  /**
   * Sets the randomness of the tokens.
   *
   * @param value 0 for the most likely; otherwise what the family's published code does
   * @return this builder
   */
  public B temperature(double value) {
    parameters.temperature(value);
    return self();
  }

  /**
   * Sets where the random numbers start.
   *
   * @param value any number; 0 unless it is set
   * @return this builder
   */
  public B seed(long value) {
    parameters.seed(value);
    return self();
  }

  /**
   * Sets LangChain4j's listeners.
   *
   * @param value told of requests, responses and errors
   * @return this builder
   */
  public B listeners(List<ChatModelListener> value) {
    this.listeners = List.copyOf(value);
    return self();
  }

  /**
   * Sets who watches answers come to be.
   *
   * @param value told of every step of every answer
   * @return this builder
   */
  public B provisionalTextListener(ProvisionalTextListener value) {
    this.provisional = value;
    return self();
  }

  final ChatCore core() {
    DiffusionModel built =
        Objects.requireNonNull(model, "a chat model needs a model: call model(DiffusionModel)");
    String name = modelName == null ? folderName(built.folder()) : modelName;
    DiffusionChatRequestParameters asked = parameters.build();
    if (asked.modelName() == null) {
      asked = parameters.modelName(name).build();
    }
    return new ChatCore(new AnswerGenerator(built), name, asked, listeners, provisional);
  }

  private static String folderName(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }
}
