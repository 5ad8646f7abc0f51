package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command line in a JVM of its own, to send signals to. */
final class ChildProcess implements AutoCloseable {

  /** What dies by a signal has this and the signal's number as its exit code. */
  static final int BY_SIGNAL = 128;

  private static final long LONGEST_SECONDS = 60;

  private final Process process;
  private final BufferedReader errors;

  private ChildProcess(Process process) {
    this.process = process;
    this.errors =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
  }

  static ChildProcess of(String... arguments) throws IOException {
    return of(System.getProperty("java.class.path"), List.of(), List.of(), arguments);
  }

  /**
   * Starts a process.
   *
   * @param classPath of the JVM
   * @param prefix command that the JVM's command line is appended to
   * @param options of the JVM
   * @param arguments of {@code sparsed}
   */
  static ChildProcess of(
      String classPath, List<String> prefix, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, Sparsed.class.getName()));
    command.addAll(List.of(arguments));
    return new ChildProcess(
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.to(new File("/dev/null")))
            .start());
  }

  /** Children ignore what their parent ignores, and then there is nothing to see. */
  static void assumeNotIgnored(int signal) throws IOException {
    String mask =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElse("SigIgn: 0");
    long signals = Long.parseUnsignedLong(mask.substring(7).strip(), 16);
    boolean ignored = ((signals >> (signal - 1)) & 1) != 0;
    assumeFalse(ignored, "the tests were started to ignore signal " + signal);
  }

  /** Sends a signal such as {@code TERM}. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertTrue(kill.waitFor() == 0, "kill failed");
  }

  /** The next line of the program on standard error. */
  String line() throws IOException {
    String line;
    do {
      line = String.valueOf(errors.readLine());
    } while (isOfTheJvm(line) || isNotice(line));
    return line;
  }

  /** All that the program still writes to standard error. */
  String rest() {
    return errors.lines().filter(line -> !isOfTheJvm(line)).collect(Collectors.joining("\n"));
  }

  /** Newer JVMs warn there of native code and old interfaces in libraries, a blank line between. */
  private static boolean isOfTheJvm(String line) {
    return line.isEmpty() || line.startsWith("WARNING: ");
  }

  /** On a busy machine loading takes longer than a moment, and is told. */
  private static boolean isNotice(String line) {
    return line.startsWith("Loading ") || line.equals("Making the prompt");
  }

  /** Waits until the process has used some processor time. */
  void awaitWork(Duration used) throws InterruptedException {
    while (process.isAlive()
        && process.info().totalCpuDuration().orElse(used).compareTo(used) < 0) {
      Thread.sleep(20);
    }
  }

  /** Waits until the process has a thread of that name, as Linux knows it. */
  void awaitThread(String name) throws IOException, InterruptedException {
    while (process.isAlive() && !threads().contains(name)) {
      Thread.sleep(20);
    }
  }

  private List<String> threads() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc", "" + process.pid(), "task"))) {
      for (Path thread : (Iterable<Path>) threads::iterator) {
        names.add(name(thread));
      }
    } catch (NoSuchFileException | UncheckedIOException e) {
      // The process has just ended.
    }
    return names;
  }

  /** Empty where the thread has just ended, which is an error of any kind while it is read. */
  private static String name(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end; a process that hangs fails the test. */
  int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS), "the process did not end");
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
