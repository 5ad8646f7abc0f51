package dev.sparsed.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.testing.InstalledChromium;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page in headless Chromium, where there is one. A picture of it is kept under target. */
@Timeout(120)
class BrowserTest {

  @Test
  void showsMasksTurnIntoWords() throws Exception {
    Optional<Path> chromium = InstalledChromium.find();
    assumeTrue(chromium.isPresent(), "there is no chromium on the PATH");
    try (SparsedServer server = Demo.start(Demo.options());
        Browser browser = Browser.start(chromium.orElseThrow())) {
      browser.open(server.uri().toString());
      browser.await("document.getElementById('model').textContent === 'village'");
      browser.evaluate(
          "window.seen = [];"
              + "new MutationObserver(() => window.seen.push("
              + "document.getElementById('answer').textContent))"
              + ".observe(document.getElementById('answer'), {childList: true});"
              + "document.getElementById('ask').click()");
      browser.await("document.body.dataset.state === 'done'");
      assertEquals(
          Demo.ANSWER, browser.evaluate("document.getElementById('answer').textContent").asText());
      assertTrue(
          browser.evaluate("window.seen.some(text => text.includes('\\u2591'))").asBoolean());
      assertTrue(
          browser.evaluate("document.getElementById('pattern').naturalWidth > 0").asBoolean());
      JsonNode density = browser.evaluate("document.getElementById('density').textContent");
      assertTrue(density.asText().contains("%"), density::asText);
      Files.write(Path.of("target", "page.png"), Base64.getDecoder().decode(browser.screenshot()));

      browser.evaluate(
          "document.getElementById('method').value = 'nonsense';"
              + "document.getElementById('ask').click()");
      browser.await("document.body.dataset.state === 'failed'");
      JsonNode error = browser.evaluate("document.getElementById('error').textContent");
      assertTrue(error.asText().contains("nonsense"), error::asText);
    }
  }
}
