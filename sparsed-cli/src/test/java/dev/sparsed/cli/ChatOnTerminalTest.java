package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Conversations on a pseudo terminal, which {@code script} of util-linux makes. */
@Timeout(value = 40, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChatOnTerminalTest {

  private static final Path SCRIPT = Path.of("/usr/bin/script");
  private static final String CONTROL_C = "\u0003";
  private static final String QUESTION =
      "Stefan lives in Orrest. Magnus keeps a goat. What does Magnus keep?\r";

  @BeforeAll
  static void needsPseudoTerminal() throws Exception {
    assumeTrue(Files.isExecutable(SCRIPT), "there is no " + SCRIPT);
    Process help = new ProcessBuilder(SCRIPT.toString(), "--help").start();
    String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(text.contains("--return"), SCRIPT + " is not that of util-linux");
  }

  @Test
  void ctrlCStopsAnAnswerAndTheNextTurnIsAnswered() throws Exception {
    ChildProcess.assumeNotIgnored(2);
    try (Conversation chat = new Conversation("-n", "512", "--steps", "512")) {
      chat.await("/help lists");
      chat.type(QUESTION);
      chat.await("step \\d+/512");
      chat.type(CONTROL_C);
      chat.await("\\[stopped, ");
      chat.await("> ");
      chat.type(QUESTION);
      chat.await("step \\d+/512");
      chat.type(CONTROL_C);
      chat.await("\\[stopped, ");
      chat.await("> ");
      chat.type("/quit\r");
      assertEquals(0, chat.exitCode());
    }
  }

  @Test
  void ctrlCTakesALineAwayAndEndsWhereItIsTypedTwice() throws Exception {
    try (Conversation chat = new Conversation()) {
      chat.await("/help lists");
      chat.await("> ");
      chat.type("half a line");
      chat.await("half a line");
      chat.type(CONTROL_C);
      chat.await("> ");
      chat.type(CONTROL_C);
      chat.await("Ctrl-C again");
      chat.await("> ");
      chat.type(CONTROL_C);
      assertEquals(0, chat.exitCode());
    }
  }

  /** A child whose standard streams are one terminal, seen from the other side. */
  private static final class Conversation implements AutoCloseable {

    private final Process process;
    private final StringBuilder seen = new StringBuilder();

    Conversation(String... options) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder(
              SCRIPT.toString(),
              "--quiet",
              "--return",
              "--flush",
              "--command",
              "stty cols 100 rows 30; exec \"$JAVA\" -cp \"$CHAT_CLASS_PATH\" "
                  + Sparsed.class.getName()
                  + " chat --threads 1 "
                  + String.join(" ", List.of(options)),
              "/dev/null");
      builder.environment().put("TERM", "xterm");
      builder.environment().put("SHELL", "/bin/sh");
      builder
          .environment()
          .put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
      builder.environment().put("CHAT_CLASS_PATH", System.getProperty("java.class.path"));
      process = builder.redirectErrorStream(true).start();
    }

    void type(String keys) throws IOException {
      process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    /** Reads until a pattern has come, and forgets what came up to it. */
    void await(String pattern) throws IOException {
      Pattern wanted = Pattern.compile(pattern);
      InputStream screen = process.getInputStream();
      byte[] bytes = new byte[4096];
      Matcher found = wanted.matcher(seen);
      while (!found.find()) {
        int count = screen.read(bytes);
        assertTrue(count > 0, () -> "ended before " + pattern + " came: " + seen);
        seen.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
        found = wanted.matcher(seen);
      }
      seen.delete(0, found.end());
    }

    int exitCode() throws Exception {
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      return process.waitFor();
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
