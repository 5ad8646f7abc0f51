package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ServeCommandTest {

  @Test
  void servesUntilItIsAskedToEnd() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "signals are sent as on Linux");
    try (ChildProcess child = ChildProcess.of("serve", "--port=0", "--method=full")) {
      String line = child.line();
      assertTrue(line.startsWith("serving the embedded demo model at http://127.0.0.1:"), line);
      URI uri = URI.create(line.substring(line.indexOf("http:")));
      HttpResponse<String> models =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(uri.resolve("v1/models")).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertTrue(models.body().contains("\"id\":\"sparsed-demo\""), models.body());
      child.signal("TERM");
      String rest = child.rest();
      assertEquals(ChildProcess.BY_SIGNAL + 15, child.exitCode(), rest);
      assertTrue(rest.contains("finishing what runs"), rest);
    }
  }

  @Test
  void refusesWhatItCannotServe() {
    for (String option :
        new String[] {"--port=70000", "--concurrency=0", "--method=nonsense", "--time_limit=0"}) {
      Invocation invocation = Invocation.of("serve", option);
      assertEquals(2, invocation.exitCode(), option + ": " + invocation.err());
    }
  }
}
