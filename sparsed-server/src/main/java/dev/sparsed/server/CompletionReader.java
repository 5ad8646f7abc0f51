package dev.sparsed.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sparsed.micrometer.Operation;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Reads the bodies of completion requests. What they ask for is done, or refused by name. */
final class CompletionReader {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Tokens of a continuation unless the request says otherwise, as OpenAI has it. */
  private static final int CONTINUATION_TOKENS = 16;

  private static final int MOST_STOP_SEQUENCES = 16;

  /** Characters of a method with every setting that there is, and plug-ins' names. */
  private static final int LONGEST_METHOD = 1000;

  private final String modelName;
  private final Method usual;
  private final int maxTokens;
  private final boolean keepsPatterns;

  /**
   * Reads for a model.
   *
   * @param modelName its name, the only one that requests may ask for
   * @param options what the server allows
   * @param keepsPatterns whether its generations can hold patterns to draw
   */
  CompletionReader(String modelName, ServerOptions options, boolean keepsPatterns) {
    this.keepsPatterns = keepsPatterns;
    this.modelName = modelName;
    this.usual = options.method();
    this.maxTokens = options.maxTokens();
  }

  AnswerCall chat(byte[] body) {
    Fields fields = fields(body);
    AnswerRequest.Builder request =
        AnswerRequest.conversation(MessageReader.messages(fields.value("messages")));
    OptionalInt tokens = fields.integer("max_completion_tokens", 1, maxTokens);
    OptionalInt older = fields.integer("max_tokens", 1, maxTokens);
    request.maxTokens(
        tokens.orElse(older.orElse(Math.min(AnswerRequest.DEFAULT_MAX_TOKENS, maxTokens))));
    for (String field : List.of("tools", "functions")) {
      fields.refuseUnless(field, JsonNode::isEmpty, "the model calls no tools");
    }
    for (String field : List.of("tool_choice", "function_call")) {
      fields.refuseUnless(
          field,
          value -> List.of("none", "auto").contains(value.asText()),
          "the model calls no tools");
    }
    fields.refuseUnless(
        "response_format",
        value -> value.path("type").asText().equals("text"),
        "answers are plain text");
    fields.refuseUnless(
        "modalities",
        value -> value.size() == 1 && value.path(0).asText().equals("text"),
        "answers are plain text");
    fields.refuseUnless("logprobs", CompletionReader::isFalse, "no probabilities are given");
    fields.refuseUnless("top_logprobs", CompletionReader::isZero, "no probabilities are given");
    fields.ignore("parallel_tool_calls");
    return call(Operation.CHAT, request, fields);
  }

  AnswerCall continuation(byte[] body) {
    Fields fields = fields(body);
    List<String> prompts = fields.texts("prompt", 1);
    if (prompts.size() != 1 || prompts.get(0).isEmpty()) {
      throw ApiError.invalid("prompt", "'prompt' must be one text that is not empty");
    }
    AnswerRequest.Builder request = AnswerRequest.continuation(prompts.get(0));
    request.maxTokens(
        fields
            .integer("max_tokens", 1, maxTokens)
            .orElse(Math.min(CONTINUATION_TOKENS, maxTokens)));
    fields.refuseUnless("echo", CompletionReader::isFalse, "the prompt is not repeated");
    fields.refuseUnless(
        "suffix", value -> value.asText("-").isEmpty(), "gaps are not filled over HTTP");
    fields.refuseUnless("best_of", CompletionReader::isOne, "there is one answer");
    fields.refuseUnless("logprobs", value -> false, "no probabilities are given");
    return call(Operation.TEXT_COMPLETION, request, fields);
  }

  private AnswerCall call(Operation operation, AnswerRequest.Builder request, Fields fields) {
    fields
        .text("model")
        .filter(name -> !name.equals(modelName))
        .ifPresent(
            name -> {
              throw ApiError.noModel(name, modelName);
            });
    fields.refuseUnless("n", CompletionReader::isOne, "there is one answer");
    for (String field : List.of("frequency_penalty", "presence_penalty")) {
      fields.refuseUnless(field, CompletionReader::isZero, "a step decides many tokens");
    }
    fields.refuseUnless("logit_bias", JsonNode::isEmpty, "leave it away");
    fields.ignore("user", "metadata", "store", "service_tier", "safety_identifier");
    fields.ignore("prompt_cache_key");
    sampling(request, fields);
    AnswerCall.Delivery delivery = delivery(fields);
    fields.requireNoOthers();
    if (delivery.pattern() && keepsPatterns) {
      request.keepPatterns();
    }
    try {
      return new AnswerCall(operation, request.build(), delivery);
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid("min_tokens", String.valueOf(e.getMessage()));
    }
  }

  private void sampling(AnswerRequest.Builder request, Fields fields) {
    request.sampling(
        new Sampling(
            Optional.empty(),
            fields.number("temperature", 0, 100),
            fields.number("top_p", 0, 1),
            fields.integer("top_k", 1, Integer.MAX_VALUE),
            OptionalDouble.empty(),
            OptionalDouble.empty()));
    fields.integer("seed").ifPresent(request::seed);
    fields.integer("min_tokens", 0, maxTokens).ifPresent(request::minTokens);
    fields.integer("steps", 1, 1 << 16).ifPresent(request::steps);
    List<String> stops = fields.texts("stop", MOST_STOP_SEQUENCES);
    if (stops.contains("")) {
      throw ApiError.invalid("stop", "'stop' holds an empty text");
    }
    request.stopSequences(stops);
    request.method(fields.text("method").map(CompletionReader::method).orElse(usual));
    fields.text("sparsity").map(CompletionReader::sparsity).ifPresent(request::sparsity);
  }

  private static AnswerCall.Delivery delivery(Fields fields) {
    boolean stream = fields.flag("stream");
    Optional<Fields> options = fields.object("stream_options");
    if (options.isEmpty()) {
      return new AnswerCall.Delivery(stream, false, false, false);
    }
    if (!stream) {
      throw ApiError.invalid("stream_options", "'stream_options' goes with 'stream': true only");
    }
    Fields wanted = options.get();
    AnswerCall.Delivery delivery =
        new AnswerCall.Delivery(
            true,
            wanted.flag("include_usage"),
            wanted.flag("include_steps"),
            wanted.flag("include_pattern"));
    wanted.ignore("include_obfuscation");
    wanted.requireNoOthers();
    return delivery;
  }

  private static boolean isOne(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() == 1;
  }

  private static boolean isZero(JsonNode value) {
    return value.isNumber() && value.doubleValue() == 0;
  }

  private static boolean isFalse(JsonNode value) {
    return value.isBoolean() && !value.booleanValue();
  }

  private static Method method(String name) {
    if (name.length() > LONGEST_METHOD) {
      throw ApiError.invalid(
          "method",
          "'method' has "
              + name.length()
              + " characters, which no name has that means anything; the most are "
              + LONGEST_METHOD);
    }
    try {
      return Method.parse(name);
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid("method", String.valueOf(e.getMessage()));
    }
  }

  private static Sparsity sparsity(String name) {
    try {
      return Sparsity.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid("sparsity", "'sparsity' must be auto, always or never");
    }
  }

  private static Fields fields(byte[] body) {
    try {
      return Fields.of(JSON.readTree(body), "");
    } catch (JsonProcessingException e) {
      throw ApiError.invalid(null, "the body is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw ApiError.invalid(null, "the body is not JSON: " + e.getMessage());
    }
  }
}
