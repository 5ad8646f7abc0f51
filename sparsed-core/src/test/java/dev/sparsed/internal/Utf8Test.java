package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;

class Utf8Test {

  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private static byte[] bytes(String hexadecimal) {
    return HexFormat.of().parseHex(hexadecimal);
  }

  @Property(tries = 200)
  void readsWhatWasWritten(@ForAll @CharRange(from = 0, to = '\ud7ff') String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertEquals(text, Utf8.decode(bytes, "a"));
    ByteArrayOutputStream marked = new ByteArrayOutputStream();
    marked.write(MARK);
    marked.write(bytes);
    assertEquals(text, Utf8.decode(marked.toByteArray(), "a"));
  }

  @Property(tries = 200)
  void namesTheFirstByteThatIsNone(@ForAll @CharRange(from = 0, to = '\ud7ff') String before)
      throws IOException {
    // Of Latin-1, a byte too many, a surrogate, too long a form, beyond Unicode, cut short.
    for (String bad : new String[] {"FC", "80", "EDA080", "C080", "F4908080", "F09F98"}) {
      byte[] valid = before.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.write(valid);
      all.write(bytes(bad));
      MalformedUtf8Exception failure =
          assertThrows(MalformedUtf8Exception.class, () -> Utf8.decode(all.toByteArray(), "f.txt"));
      assertTrue(
          failure
              .getMessage()
              .startsWith("f.txt is not in UTF-8: its byte " + valid.length + ", counted from 0,"),
          failure.getMessage());
    }
  }

  @Example
  void countsFromTheBeginningOfTheWholeInAPart() {
    MalformedUtf8Exception failure =
        assertThrows(
            MalformedUtf8Exception.class, () -> Utf8.decode(bytes("6161FC62"), 1, 4, "f.txt"));
    assertTrue(failure.getMessage().contains("byte 2, counted from 0, is 0xFC"));
  }

  @Example
  void keepsMarksInsideTheText() throws IOException {
    assertEquals("a\ufeff", Utf8.decode(bytes("61EFBBBF"), "a"));
    assertEquals("\ufeffa", Utf8.decode(bytes("EFBBBFEFBBBF61"), "a"));
  }
}
