package dev.sparsed.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TokenTextsTest {

  private Tokenizer tokenizer;

  @BeforeAll
  void load() {
    tokenizer = Tokenizer.load(DemoCheckpoint.folder());
  }

  @AfterAll
  void close() {
    tokenizer.close();
  }

  @Test
  void blanksInFrontAreKept() {
    int[] tokens = tokenizer.encode("the lamp  is blue", Tokenizer.SpecialTokens.AS_WRITTEN);
    TokenTexts texts = new TokenTexts(tokenizer);
    StringBuilder text = new StringBuilder();
    Arrays.stream(tokens).forEach(token -> text.append(texts.piece(token).text()));
    assertEquals("the lamp  is blue", text.toString());
  }

  @Test
  void bytesThatMakeACharacterTogetherAreOne() {
    // The demo's tokenizer knows no such characters, so that it writes their bytes.
    int[] tokens = tokenizer.encode("a\u20AC\uD83D\uDE80b", Tokenizer.SpecialTokens.AS_WRITTEN);
    TokenTexts texts = new TokenTexts(tokenizer);
    assertTrue(texts.piece(tokens[1]).isBroken());
    assertEquals(
        List.of(new TokenTexts.Joint(1, 3, "\u20AC"), new TokenTexts.Joint(4, 4, "\uD83D\uDE80")),
        texts.joints(tokens));
  }

  @Test
  void halfOfACharacterStaysAlone() {
    int[] tokens = tokenizer.encode("\u20AC", Tokenizer.SpecialTokens.AS_WRITTEN);
    TokenTexts texts = new TokenTexts(tokenizer);
    assertEquals(List.of(), texts.joints(Arrays.copyOf(tokens, 2)));
    assertEquals("\uFFFD", texts.piece(tokens[0]).text());
  }

  @Test
  void specialTokensAreTold() {
    TokenTexts texts = new TokenTexts(tokenizer);
    int end = tokenizer.endOfTextId().orElseThrow();
    assertTrue(texts.piece(end).special());
    assertFalse(texts.piece(end).text().isEmpty());
    assertFalse(
        texts.piece(tokenizer.encode("a", Tokenizer.SpecialTokens.AS_WRITTEN)[0]).special());
  }

  @Test
  void tokensWithoutTextHaveTheirNumbers() {
    assertEquals("\u27E8999999\u27E9", new TokenTexts(tokenizer).piece(999_999).text());
    assertEquals(" 17", new TokenTexts(null).piece(17).text());
  }
}
