package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenizerParityTest {

  @ParameterizedTest
  @ValueSource(strings = {"dream", "llada"})
  void givesWhatHuggingFaceGives(String name) throws Exception {
    int checks =
        TokenizerParity.check(Path.of("src/test/resources/goldens/tokenizers").resolve(name));
    assertTrue(checks > 250, checks + " comparisons");
  }
}
