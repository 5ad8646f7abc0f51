package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.cli.console.ResultWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that cannot be written end no command with success. */
class LostResultsTest {

  @TempDir private Path folder = Path.of("");

  /** Takes so many bytes and no more. */
  private static final class SmallDisk extends OutputStream {

    private final int size;
    private int used;

    SmallDisk(int size) {
      this.size = size;
    }

    @Override
    public void write(int value) throws IOException {
      if (used == size) {
        throw new IOException("No space left on device");
      }
      used++;
    }
  }

  static Stream<List<String>> commands() {
    String llada = Invocation.checkpoint("tiny-llada");
    return Stream.of(
        List.of("--version"),
        List.of("--help"),
        List.of("help"),
        List.of("generate", "--help"),
        List.of("help", "inspect"),
        List.of("eval", "accuracy", "--help"),
        List.of("inspect", "--model_path", llada),
        List.of("inspect", "--model_path", llada, "--json"),
        List.of("doctor"),
        List.of("doctor", "--json"),
        List.of(
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1,2",
            "--seq_len",
            "32",
            "--steps",
            "1",
            "--json"),
        List.of(
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1,2",
            "--seq_len",
            "32",
            "--steps",
            "1"),
        List.of(
            "bench",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1,2",
            "--seq_len",
            "32",
            "--steps",
            "1",
            "--runs",
            "1"),
        List.of(
            "bench",
            "attention",
            "--seq",
            "64",
            "--block_size",
            "16",
            "--heads",
            "2",
            "--kv_heads",
            "1",
            "--dim",
            "16",
            "--gen_len",
            "16",
            "--runs",
            "1"),
        List.of(
            "eval",
            "speed",
            "--model_path",
            llada,
            "--contexts",
            "8",
            "--gen",
            "32",
            "--steps",
            "1",
            "--runs",
            "1",
            "--warmups",
            "0"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandFailsWhereItsResultsAreLost(List<String> command) {
    for (int size : new int[] {0, 20}) {
      StringWriter err = new StringWriter();
      int exitCode =
          Sparsed.run(
              ResultWriter.to(new SmallDisk(size)),
              new PrintWriter(err),
              command.toArray(new String[0]));
      assertEquals(1, exitCode, err::toString);
      assertTrue(
          err.toString()
              .contains(
                  "sparsed: standard output could not be written: No space left on device; results"
                      + " are lost"),
          err::toString);
    }
  }

  @Test
  void aFailureKeepsItsOwnExitCode() {
    StringWriter err = new StringWriter();
    assertEquals(
        2,
        Sparsed.run(
            ResultWriter.to(new SmallDisk(0)), new PrintWriter(err), "generate", "--steps", "0"));
  }

  /** As a shell starts it: on a device that is full, on a pipe whose reader is gone. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "exec \"$@\" > /dev/full",
        "exec \"$@\" >&-",
        "{ sleep 1; \"$@\"; echo $? > status; } | true; exit $(cat status)",
      })
  void theProgramFailsToo(String script) throws Exception {
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                script,
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Sparsed.class.getName(),
                "--help")
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("output").toFile())
            .redirectError(errors.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String said = Files.readString(errors);
    assertEquals(1, process.exitValue(), said);
    assertTrue(said.contains("sparsed: standard output could not be written: "), said);
  }
}
