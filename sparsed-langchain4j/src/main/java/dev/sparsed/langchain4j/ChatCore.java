package dev.sparsed.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.text.ChatTemplateException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What both chat models share: LangChain4j's requests to ours, our answers to LangChain4j's.
 *
 * @param answers what answers
 * @param modelName the model's name, the only one that requests may ask for
 * @param parameters what requests leave open, complete with model name and method
 * @param listeners LangChain4j's listeners
 * @param provisional is told of every step
 */
record ChatCore(
    AnswerGenerator answers,
    String modelName,
    DiffusionChatRequestParameters parameters,
    List<ChatModelListener> listeners,
    ProvisionalTextListener provisional) {

  ChatCore {
    requireSupported(parameters, modelName);
  }

  /** What a request asks for; what no diffusion model does is refused. */
  AnswerRequest request(ChatRequest request) {
    DiffusionChatRequestParameters asked = parameters.overrideWith(request.parameters());
    requireSupported(asked, modelName);
    try {
      AnswerRequest.Builder answer =
          AnswerRequest.conversation(Messages.of(request.messages())).sampling(sampling(asked));
      apply(asked, answer);
      return answer.build();
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(e.getMessage(), e);
    }
  }

  /** The answer to a request; what this model cannot do is refused. */
  Answer answer(AnswerRequest request, AnswerListener listener) {
    AnswerGenerator.PreparedAnswer prepared;
    try {
      prepared = answers.prepare(request);
    } catch (ForeignSettingException e) {
      throw new UnsupportedFeatureException("not supported by this model: " + e.getMessage());
    } catch (IllegalArgumentException | ChatTemplateException e) {
      throw new InvalidRequestException(e.getMessage(), e);
    }
    return prepared.run(listener);
  }

  private static void apply(DiffusionChatRequestParameters asked, AnswerRequest.Builder answer) {
    Method method = asked.method();
    if (method != null) {
      answer.method(method);
    }
    if (asked.maxOutputTokens() != null) {
      answer.maxTokens(asked.maxOutputTokens());
    }
    Integer steps = asked.steps();
    if (steps != null) {
      answer.steps(steps);
    }
    Long seed = asked.seed();
    if (seed != null) {
      answer.seed(seed);
    }
    if (asked.stopSequences() != null) {
      answer.stopSequences(asked.stopSequences());
    }
  }

  private static Sampling sampling(ChatRequestParameters asked) {
    return new Sampling(
        Optional.empty(),
        optional(asked.temperature()),
        optional(asked.topP()),
        asked.topK() == null ? OptionalInt.empty() : OptionalInt.of(asked.topK()),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static void requireSupported(ChatRequestParameters asked, String modelName) {
    if (asked.modelName() != null && !asked.modelName().equals(modelName)) {
      throw new UnsupportedFeatureException(
          "the modelName '"
              + asked.modelName()
              + "' is not supported: this chat model is '"
              + modelName
              + "'");
    }
    refuse(asked.frequencyPenalty() != null, "the parameter frequencyPenalty");
    refuse(asked.presencePenalty() != null, "the parameter presencePenalty");
    refuse(
        asked.toolChoice() != null && asked.toolChoice() != ToolChoice.AUTO,
        "the parameter toolChoice (ToolChoice." + asked.toolChoice() + ")");
    refuse(
        asked.toolSpecifications() != null && !asked.toolSpecifications().isEmpty(),
        "the parameter toolSpecifications (tools)");
    refuse(
        asked.responseFormat() != null && asked.responseFormat().type() == ResponseFormatType.JSON,
        "the parameter responseFormat (JSON response format)");
  }

  private static void refuse(boolean given, String what) {
    if (given) {
      throw new UnsupportedFeatureException(
          what + " is not supported by diffusion models yet; leave it away");
    }
  }

  /** An answer as LangChain4j has it. */
  ChatResponse response(Answer answer) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.builder().text(answer.text()).build())
        .metadata(
            ChatResponseMetadata.builder()
                .id(UUID.randomUUID().toString())
                .modelName(modelName)
                .tokenUsage(new TokenUsage(answer.promptTokens(), answer.tokens()))
                .finishReason(finishReason(answer.ending()))
                .build())
        .build();
  }

  private static FinishReason finishReason(Answer.Ending ending) {
    return switch (ending) {
      case END_OF_TEXT, STOP_SEQUENCE -> FinishReason.STOP;
      case LENGTH -> FinishReason.LENGTH;
      case CANCELLED -> FinishReason.OTHER;
    };
  }
}
