package dev.sparsed.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.models.method.Method;
import dev.sparsed.text.ChatMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AnswerMetrics metrics = new AnswerMetrics(registry, "village");

  @Test
  void measuresAnswers() {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      AnswerGenerator answers = new AnswerGenerator(model);
      AnswerRequest.Builder request =
          AnswerRequest.conversation(List.of(ChatMessage.user("Who keeps a goat?"))).maxTokens(8);
      Answer first =
          metrics.run(Operation.CHAT, answers.prepare(request.build()), AnswerListener.NONE);
      Answer second =
          metrics.run(
              Operation.CHAT,
              answers.prepare(request.method(Method.parse("dual-cache")).build()),
              AnswerListener.NONE);
      metrics.run(
          Operation.TEXT_COMPLETION,
          answers.prepare(
              AnswerRequest.continuation("Once")
                  .maxTokens(4)
                  .sparsity(Sparsity.ALWAYS)
                  .keepPatterns()
                  .build()),
          AnswerListener.NONE);
      assertEquals(
          first.promptTokens() + second.promptTokens(),
          registry
              .get("gen_ai.client.token.usage")
              .tags("gen_ai.token.type", "input", "gen_ai.operation.name", "chat")
              .tags("gen_ai.request.model", "village")
              .summary()
              .totalAmount());
      assertEquals(
          first.tokens() + second.tokens(),
          registry
              .get("gen_ai.client.token.usage")
              .tags("gen_ai.token.type", "output", "gen_ai.operation.name", "chat")
              .summary()
              .totalAmount());
      assertEquals(
          2,
          registry.get("gen_ai.server.time_per_output_token").timers().stream()
              .filter(timer -> "chat".equals(timer.getId().getTag("gen_ai.operation.name")))
              .mapToLong(io.micrometer.core.instrument.Timer::count)
              .sum());
      assertEquals(1, registry.get("sparsed.cache.kept").summary().count());
      assertEquals(1, registry.get("sparsed.generation.density").summary().count());
      assertTrue(registry.get("sparsed.generation.tokens_per_pass").summary().max() > 0);
    }
  }

  @Test
  void countsFailuresByTheirType() {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      AnswerListener failing =
          new AnswerListener() {
            @Override
            public GenerationListener.Reaction onStep(AnswerListener.AnswerStep step) {
              throw new ArithmeticException("on purpose");
            }
          };
      AnswerRequest request = AnswerRequest.continuation("Once").maxTokens(4).build();
      assertThrows(
          ArithmeticException.class,
          () ->
              metrics.run(
                  Operation.TEXT_COMPLETION, new AnswerGenerator(model).prepare(request), failing));
    }
    assertEquals(
        1,
        registry
            .get("gen_ai.server.request.duration")
            .tags("error.type", "java.lang.ArithmeticException")
            .timer()
            .count());
  }
}
