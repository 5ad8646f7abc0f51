package org.example.extensions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.MethodCatalog;
import dev.sparsed.models.method.Sampling;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The methods by name, as the command line and the evaluation know them. */
class NamedMethodsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pulsecol-like:select=0.5",
        "mage-like+threshold",
        "elastic-cache-like:settled=0.5",
        "streaming-like",
        "dkv-cache-like:refresh_every=4+sparsed",
        "klass-like+dual-cache",
        "entropy-bounded-like",
        "wino-like:wide=0.5"
      })
  void everyNameGenerates(String name) {
    try (DiffusionModel model = Models.load("tiny-llada-gqa")) {
      Method method = Method.parse(name);
      int length = model.methods().generationLength(method, 32);
      GenerationResult result =
          model.generate(
              model
                  .methods()
                  .request(method, Sampling.PUBLISHED, length, length)
                  .prompt(new Random(5).ints(40, 0, 300).toArray())
                  .sparsity(Sparsity.ALWAYS)
                  .forbid(model.config().maskToken())
                  .stopAt()
                  .build(),
              GenerationListener.NONE);
      assertEquals(0, result.openPositions().get(0));
    }
  }

  @Test
  void theyAreListedWithTheirSettings() {
    List<MethodCatalog.Entry> entries = MethodCatalog.entries();
    MethodCatalog.Entry klass =
        entries.stream().filter(e -> e.name().equals("klass-like")).findFirst().orElseThrow();
    assertEquals("decoding", klass.decides());
    assertEquals(
        List.of("confidence", "divergence", "passes", "block_length"),
        List.copyOf(klass.defaults().keySet()));
    assertEquals(8, entries.stream().filter(e -> !e.origin().equals("sparsed")).count());
  }

  @Test
  void wrongSettingsAreRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Method.parse("mage-like:mass=2"));
    assertTrue(String.valueOf(refused.getMessage()).contains("mass must be 0 to 1"));
    assertThrows(IllegalArgumentException.class, () -> Method.parse("klass-like:passes=x"));
  }
}
