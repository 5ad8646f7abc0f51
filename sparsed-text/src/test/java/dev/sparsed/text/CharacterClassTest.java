package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CharacterClassTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\\s|a",
        "\\S|` `",
        "\\d|a",
        "a|b",
        "\\.|a",
        "[a-cx]|d",
        "[^a-cx]|b",
        "[\\p{L}\\p{M}]|1",
        "[^\\s\\p{L}\\p{N}]|a",
        "[^\\r\\n\\p{L}\\p{N}]|é",
        "[!-/:-~]|0",
        "\\p{Lu}|a",
        "\\P{Lu}|A",
        "\\p{^Lu}|A",
      })
  void neverMissesACharacterAndExcludesWhatItCan(String item, String outside) {
    CharacterClass known = CharacterClass.of(item);
    Pattern java = Pattern.compile(item.replace("\\p{^", "\\P{"), Pattern.UNICODE_CHARACTER_CLASS);
    for (int c = 0; c <= 0x2FFFF; c++) {
      if (java.matcher(Character.toString(c)).matches()) {
        assertTrue(known.mayContain(c), item + " holds " + Integer.toHexString(c));
      }
    }
    assertFalse(known.mayContain(outside.codePointAt(0)), item + " may hold " + outside);
  }

  @ParameterizedTest
  @CsvSource({".", "\\w", "[a[b]]", "[a&&b]", "\\p{Han}", "[\\x41-z]", "[^\\w]", "\\h"})
  void takesWhatItDoesNotKnowForEverything(String item) {
    assertTrue(CharacterClass.of(item).mayContain('\u4e2d'));
    assertTrue(CharacterClass.of(item).mayContain(' '));
  }

  @Test
  void sumsTheSquaresOfRuns() {
    assertEquals(9 + 1 + 4, CharacterClass.of("\\s").squaredRuns("   a b  "));
    assertEquals(4, CharacterClass.of("[^a]").squaredRuns("a\ud83d\ude42\ud83d\ude42"));
    assertEquals(0, CharacterClass.of("b").squaredRuns(""));
  }
}
