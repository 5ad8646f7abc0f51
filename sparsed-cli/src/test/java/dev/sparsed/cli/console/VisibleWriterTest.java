package dev.sparsed.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class VisibleWriterTest {

  private static String written(String text) {
    StringWriter target = new StringWriter();
    PrintWriter writer = VisibleWriter.to(target);
    writer.print(text);
    writer.flush();
    return target.toString();
  }

  @Example
  void showsWhatATerminalWouldObey() {
    assertEquals("a\\u001b[2Jb\\u0007\\u0000", written("a\u001b[2Jb\u0007\0"));
    assertEquals("\\u009b31m\\u007f\\u0085", written("\u009b31m\u007f\u0085"));
    assertEquals("done\\u000dsparsed: ok", written("done\rsparsed: ok"));
    assertEquals("\\u202eevil\\u2066\\u2028", written("\u202eevil\u2066\u2028"));
  }

  @Example
  void keepsText() {
    String text = "Grüße\t世界 😀\nשלום\r\n\u00a0\u200d\\u001b";
    assertEquals(text, written(text));
  }

  @Property(tries = 300)
  void neverPassesOnAControlCharacter(@ForAll String text) {
    String written = written(text);
    assertFalse(written.replace("\r\n", "").matches("(?s).*[\\p{Cc}&&[^\n\t]].*"));
    assertTrue(written.length() >= text.length());
  }
}
