package dev.sparsed.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** One run of the command line inside the test's JVM. */
record Invocation(int exitCode, String out, String err) {

  private static final Path CHECKPOINTS =
      Path.of("..", "sparsed-models", "src", "test", "resources", "goldens", "checkpoints");

  static Invocation of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Sparsed.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Invocation(exitCode, out.toString(), err.toString());
  }

  /** One of the tiny checkpoints with random weights and no tokenizer. */
  static String checkpoint(String name) {
    return CHECKPOINTS.resolve(name).toString();
  }

  boolean showsStackTrace() {
    return err.contains("\tat ") || out.contains("\tat ");
  }
}
