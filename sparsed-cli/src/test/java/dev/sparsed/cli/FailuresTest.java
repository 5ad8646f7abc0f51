package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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

  static Stream<Arguments> failuresOfFiles() {
    String there = System.getProperty("user.dir");
    return Stream.of(
        Arguments.of(new NoSuchFileException("a.json"), "sparsed: a.json is not there"),
        Arguments.of(
            new NoSuchFileException("none/a.json"),
            "sparsed: none/a.json is not there, nor is its folder none"),
        Arguments.of(
            new NoSuchFileException(there + "/a.json"),
            "sparsed: " + there + "/a.json is not there"),
        Arguments.of(
            new UncheckedIOException(new AccessDeniedException("a.json")),
            "sparsed: access to a.json is denied"),
        Arguments.of(new FileAlreadyExistsException("a.json"), "sparsed: a.json is there already"),
        Arguments.of(new NotDirectoryException("a"), "sparsed: a is not a folder"),
        Arguments.of(new DirectoryNotEmptyException("a"), "sparsed: the folder a is not empty"),
        Arguments.of(
            new FileSystemException("a", null, "No space left on device"),
            "sparsed: a: No space left on device"),
        Arguments.of(new FileSystemException("a", "b", "busy"), "sparsed: a -> b: busy"),
        Arguments.of(
            new MalformedInputException(3), "sparsed: a text is not in UTF-8 (Input length = 3)"),
        Arguments.of(new IOException("the pipe broke"), "sparsed: the pipe broke"));
  }

  @ParameterizedTest
  @MethodSource("failuresOfFiles")
  void sayWhatHappenedToAFile(Exception failure, String expected) {
    String errors =
        errors(
            () -> {
              throw failure;
            });
    assertEquals(expected, errors.strip());
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
