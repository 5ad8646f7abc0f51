package dev.sparsed.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's official client for Node, where there are Node and npm. */
@Timeout(180)
class OpenAiNodeClientTest {

  /** The last version for Node 20. */
  private static final String CLIENT = "openai@6.30.1";

  @Test
  void answersAsTheClientExpects() throws Exception {
    assumeTrue(run(Path.of("."), "node", "--version").code() == 0, "there is no Node");
    assumeTrue(run(Path.of("."), "npm", "--version").code() == 0, "there is no npm");
    Path folder = Files.createDirectories(Path.of("target", "node-client"));
    Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
    if (!Files.exists(folder.resolve("node_modules/openai"))) {
      Outcome installed =
          run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT);
      assumeTrue(
          installed.code() == 0, () -> "npm cannot install " + CLIENT + ": " + installed.output());
    }
    try (InputStream script = OpenAiNodeClientTest.class.getResourceAsStream("openai-client.mjs")) {
      Files.write(folder.resolve("client.mjs"), script.readAllBytes());
    }
    try (SparsedServer server = Demo.start(Demo.options().withApiKey("secret"))) {
      Outcome outcome =
          run(
              folder,
              "node",
              "client.mjs",
              server.uri().resolve("v1").toString(),
              "secret",
              Demo.QUESTION);
      assertEquals(0, outcome.code(), outcome::output);
      Demo.awaitIdle(server);
    }
  }

  private record Outcome(int code, String output) {}

  private static Outcome run(Path folder, String... command) throws InterruptedException {
    try {
      Path output = Files.createTempFile("client", ".log");
      Process process =
          new ProcessBuilder(List.of(command))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      String said = Files.readString(output, UTF_8);
      Files.delete(output);
      return new Outcome(process.exitValue(), said);
    } catch (IOException e) {
      return new Outcome(-1, String.valueOf(e.getMessage()));
    }
  }
}
