package dev.sparsed.server;

import dev.sparsed.micrometer.AnswerMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;

/** The server's meters, as Prometheus reads them. */
final class ServerMetrics {

  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AnswerMetrics answers;
  private final Counter gone =
      Counter.builder("sparsed.server.clients.gone")
          .description("clients that went away before their answer was complete")
          .register(registry);

  ServerMetrics(String modelName, AnswerQueue queue) {
    this.answers = new AnswerMetrics(registry, modelName);
    Gauge.builder("sparsed.server.queue.waiting", queue, AnswerQueue::waiting).register(registry);
    Gauge.builder("sparsed.server.queue.running", queue, AnswerQueue::running).register(registry);
  }

  AnswerMetrics answers() {
    return answers;
  }

  void gone() {
    gone.increment();
  }

  byte[] scrape() {
    return registry.scrape().getBytes(StandardCharsets.UTF_8);
  }

  void close() {
    registry.close();
  }
}
