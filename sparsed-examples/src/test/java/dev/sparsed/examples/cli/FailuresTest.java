package dev.sparsed.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class FailuresTest {

  @Command(name = "sparsed", mixinStandardHelpOptions = true)
  static final class Program {}

  @Command(name = "failing")
  static final class Failing implements Callable<Integer> {

    @Mixin private final OutputArguments output = new OutputArguments();
    private final Callable<Integer> work;

    Failing(Callable<Integer> work) {
      this.work = work;
    }

    @Override
    public Integer call() throws Exception {
      return output.json() ? 0 : work.call();
    }
  }

  private static String errors(Callable<Integer> work, String... options) {
    StringWriter err = new StringWriter();
    Failures failures = new Failures();
    CommandLine program =
        new CommandLine(new Program())
            .addSubcommand(new Failing(work))
            .setErr(new PrintWriter(err, true))
            .setExecutionExceptionHandler(failures)
            .setParameterExceptionHandler(failures);
    String[] arguments = new String[options.length + 1];
    arguments[0] = "failing";
    System.arraycopy(options, 0, arguments, 1, options.length);
    assertEquals(1, Sparsed.execute(program, arguments));
    return err.toString();
  }

  private static int multiplyWhatDoesNotFit() {
    try (Tensor one = torch.ones(2, 3)) {
      return (int) torch.matmul(one, one).size(0);
    }
  }

  private static int exhaustMemory() {
    throw new OutOfMemoryError("Java heap space");
  }

  @Test
  void libTorchsBacktraceIsForVerboseOnly() {
    String errors = errors(FailuresTest::multiplyWhatDoesNotFit);
    assertEquals(1, errors.lines().count(), errors);
    assertTrue(errors.contains("shapes cannot be multiplied"), errors);
    String verbose = errors(FailuresTest::multiplyWhatDoesNotFit, "--verbose");
    assertTrue(verbose.contains("Exception raised from"), verbose);
  }

  @Test
  void tooLittleMemoryIsOneLine() {
    String errors = errors(FailuresTest::exhaustMemory);
    assertEquals(1, errors.lines().count(), errors);
    assertTrue(errors.contains("OutOfMemoryError: Java heap space"), errors);
    String verbose = errors(FailuresTest::exhaustMemory, "--verbose");
    assertTrue(verbose.contains("\tat "), verbose);
  }
}
