package dev.sparsed.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.micrometer.Operation;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerListener;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/** One answer as OpenAI's clients read it, whole or in chunks. */
final class CompletionJson {

  private final boolean chat;
  private final String id;
  private final long created = Instant.now().getEpochSecond();
  private final String modelName;

  CompletionJson(Operation operation, String modelName) {
    this.chat = operation == Operation.CHAT;
    this.id = (chat ? "chatcmpl-" : "cmpl-") + UUID.randomUUID();
    this.modelName = modelName;
  }

  ObjectNode whole(Answer answer) {
    ObjectNode json = head(chat ? "chat.completion" : "text_completion");
    ObjectNode choice = choice(json);
    if (chat) {
      choice
          .putObject("message")
          .put("role", "assistant")
          .put("content", answer.text())
          .putNull("refusal");
    } else {
      choice.put("text", answer.text());
    }
    choice.put("finish_reason", finishReason(answer));
    usage(json, answer);
    json.set("sparsed", cost(answer));
    return json;
  }

  /** The first chunk: who speaks. */
  ObjectNode opening() {
    return chunk("", true);
  }

  ObjectNode text(String text) {
    return chunk(text, false);
  }

  private ObjectNode chunk(String text, boolean opening) {
    ObjectNode json = chunkHead();
    ObjectNode choice = choice(json);
    if (chat) {
      ObjectNode delta = choice.putObject("delta");
      if (opening) {
        delta.put("role", "assistant");
      }
      delta.put("content", text);
    } else {
      choice.put("text", text);
    }
    choice.putNull("finish_reason");
    return json;
  }

  /** The last chunk with a choice: why there is no more. */
  ObjectNode closing(Answer answer) {
    ObjectNode json = chunkHead();
    ObjectNode choice = choice(json);
    if (chat) {
      choice.putObject("delta");
    } else {
      choice.put("text", "");
    }
    choice.put("finish_reason", finishReason(answer));
    json.set("sparsed", cost(answer));
    return json;
  }

  /** A chunk without a choice. */
  ObjectNode usage(Answer answer) {
    ObjectNode json = chunkHead();
    json.putArray("choices");
    usage(json, answer);
    return json;
  }

  /** A chunk without a choice: how the whole answer stands after a step. */
  ObjectNode step(AnswerListener.AnswerStep step) {
    ObjectNode json = chunkHead();
    json.putArray("choices");
    GenerationProgress progress = step.progress();
    json.putObject("sparsed")
        .put("step", progress.step())
        .put("total_steps", progress.totalSteps())
        .put("phase", progress.phase().name().toLowerCase(Locale.ROOT))
        .put("cache", progress.cache().name().toLowerCase(Locale.ROOT))
        .put("milliseconds", progress.time().toNanos() / 1e6)
        .put("settled", step.settled())
        .put("text", step.provisional());
    return json;
  }

  /** A chunk without a choice: a picture of which blocks were read. */
  ObjectNode pattern(String caption, byte[] png) {
    ObjectNode json = chunkHead();
    json.putArray("choices");
    json.putObject("sparsed").put("pattern_caption", caption).put("pattern_png", png);
    return json;
  }

  private ObjectNode chunkHead() {
    return head(chat ? "chat.completion.chunk" : "text_completion");
  }

  private ObjectNode head(String object) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", modelName);
  }

  private static ObjectNode choice(ObjectNode json) {
    return json.putArray("choices").addObject().put("index", 0).putNull("logprobs");
  }

  private static String finishReason(Answer answer) {
    return answer.ending() == Answer.Ending.LENGTH ? "length" : "stop";
  }

  private static void usage(ObjectNode json, Answer answer) {
    json.putObject("usage")
        .put("prompt_tokens", answer.promptTokens())
        .put("completion_tokens", answer.tokens())
        .put("total_tokens", answer.promptTokens() + answer.tokens());
  }

  private static ObjectNode cost(Answer answer) {
    GenerationResult generation = answer.generation();
    ObjectNode cost =
        JsonNodeFactory.instance
            .objectNode()
            .put("steps", generation.completedSteps())
            .put("forward_passes", generation.forwardPasses())
            .put("milliseconds", generation.time().toNanos() / 1e6)
            .put("sparse", generation.sparsity().sparse())
            .put("reason", generation.sparsity().reason());
    if (generation.density().isPresent()) {
      cost.put("density", generation.density().getAsDouble());
    } else {
      cost.putNull("density");
    }
    return cost;
  }
}
