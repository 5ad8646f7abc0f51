package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jdk.jshell.tool.JavaShellToolBuilder;
import org.junit.jupiter.api.Test;

class JshellKitTest {

  @Test
  void theScriptRunsToItsEnd() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
    String script = Path.of("..", "jshell", "explore.jsh").toString();
    int exitCode =
        JavaShellToolBuilder.builder()
            .in(
                new ByteArrayInputStream(
                    "System.out.println(play.model().config().architecture().layers())\n/exit\n"
                        .getBytes(StandardCharsets.UTF_8)),
                null)
            .out(stream)
            .err(stream)
            .start("--class-path", classPath, "DEFAULT", script);
    String text = output.toString(StandardCharsets.UTF_8);
    assertEquals(0, exitCode, text);
    assertFalse(text.contains("Error:"), text);
    assertTrue(text.contains("sparse: ") && text.contains("full: "), text);
    assertTrue(text.contains("layer 3, head 0"), text);
  }
}
