package dev.sparsed.server;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.text.internal.Loggers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;

/**
 * Serves a model over HTTP, as OpenAI's clients expect it, until it is closed.
 *
 * <pre>{@code
 * try (DiffusionModel model = DiffusionModel.load("Dream-org/Dream-v0-Instruct-7B");
 *     SparsedServer server = SparsedServer.start(model, ServerOptions.DEFAULT)) {
 *   System.out.println(server.uri());
 *   Thread.currentThread().join();
 * }
 * }</pre>
 */
public final class SparsedServer implements AutoCloseable {

  /** Bytes that the system holds for a client, so that one that does not read is noticed soon. */
  private static final int SEND_BUFFER = 64 * 1024;

  private static final Logger LOG = Loggers.of(SparsedServer.class);

  private final Vertx vertx;
  private final HttpServer http;
  private final AnswerDesk desk;
  private final AnswerQueue queue;
  private final ServerMetrics metrics;
  private final ServerOptions options;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SparsedServer(DiffusionModel model, ServerOptions options) {
    this.options = options;
    String modelName = options.modelName().orElseGet(() -> folderName(model.folder()));
    this.vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    this.queue = new AnswerQueue(options.concurrency(), options.queue());
    this.metrics = new ServerMetrics(modelName, queue);
    this.desk = new AnswerDesk(vertx, model, modelName, options, queue, metrics, LOG);
    int idleSeconds = Math.toIntExact(options.timeLimit().plusMinutes(1).toSeconds());
    this.http =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(options.host())
                    .setPort(options.port())
                    .setSendBufferSize(SEND_BUFFER)
                    .setIdleTimeout(idleSeconds)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS))
            .requestHandler(new HttpDoor(vertx, options, desk, metrics, LOG)::handle);
  }

  /**
   * Starts to serve.
   *
   * @param model the model, which stays the caller's and is to be closed after the server
   * @param options how to listen and what to allow
   * @return the server, to be closed by the caller
   * @throws IOException if it cannot listen there
   */
  public static SparsedServer start(DiffusionModel model, ServerOptions options)
      throws IOException {
    SparsedServer server = new SparsedServer(model, options);
    try {
      server.http.listen().toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      server.close();
      throw new IOException(
          "cannot listen at "
              + options.host()
              + ", port "
              + options.port()
              + ": "
              + (e.getCause() == null ? e : e.getCause()).getMessage(),
          e);
    }
    if (options.apiKey().isEmpty() && !Doorkeeper.isLoopback(options.host())) {
      LOG.warn("everybody who reaches {} may use the model: no API key is set", options.host());
    }
    LOG.info("serving at {}", server.uri());
    return server;
  }

  /**
   * The port that it listens at.
   *
   * @return the port
   */
  public int port() {
    return http.actualPort();
  }

  /**
   * Where it is reached: the page; clients add {@code v1}.
   *
   * @return the address, with a slash at its end
   */
  public URI uri() {
    String host =
        options.host().contains(":") && !options.host().startsWith("[")
            ? "[" + options.host() + "]"
            : options.host();
    return URI.create("http://" + host + ":" + port() + "/");
  }

  /**
   * Takes no more requests, lets running and waiting answers come to their end for as long as the
   * options say, and tells the clients of all others that the server closes. Closing twice does
   * nothing.
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    desk.close();
    int cancelled = queue.close(options.shutdownGrace());
    if (cancelled > 0) {
      LOG.warn("{} answers were not complete and have been cancelled", cancelled);
    }
    await(http.shutdown(Duration.ofSeconds(2).toMillis(), TimeUnit.MILLISECONDS));
    await(vertx.close());
    metrics.close();
  }

  private static void await(io.vertx.core.Future<?> future) {
    try {
      future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      LOG.warn("the server did not close in order", e);
    }
  }

  private static String folderName(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }
}
