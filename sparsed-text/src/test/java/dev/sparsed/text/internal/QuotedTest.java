package dev.sparsed.text.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class QuotedTest {

  @Test
  void keepsWhatCanBeReadAndEscapesWhatActs() {
    assertEquals("\"naïve 語 🙂\"", Quoted.of("naïve 語 🙂"));
    assertEquals("\"a\\\"b\\\\c\"", Quoted.of("a\"b\\c"));
    assertEquals(
        "\"\\u001b[2J\\r\\nerror: \\t\\u0000\\u0085\"",
        Quoted.of("\u001b[2J\r\nerror: \t\0\u0085"));
    assertEquals("\"\\u202egnp.\\u2066\\u2028\\ufeff\"", Quoted.of("\u202egnp.\u2066\u2028\ufeff"));
    assertEquals("\"\\ud83d \\U0e0041 \\ue000\"", Quoted.of("\ud83d \udb40\udc41 \ue000"));
  }

  @Test
  void leavesOutTheEndOfALongText() {
    assertEquals("\"" + "x".repeat(200) + "\"...", Quoted.of("x".repeat(100_000)));
    assertEquals("\"" + "x".repeat(200) + "\"", Quoted.of("x".repeat(200)));
  }

  @Property
  void isOneLineThatEndsWhereItsQuotesEnd(@ForAll String text) {
    String quoted = Quoted.of(text);
    assertTrue(quoted.codePoints().noneMatch(Character::isISOControl), quoted);
    String inside = quoted.replaceAll("\\.\\.\\.$", "");
    assertEquals("\"\"", inside.replaceAll("\\\\.", "").replaceAll("[^\"]", ""));
  }
}
