package dev.sparsed.cli;

import static dev.sparsed.cli.ChildProcess.BY_SIGNAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.demo.DemoCheckpoint;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands that are asked to end. */
class InterruptionTest {

  /** Processor time after which a benchmark has loaded all it needs and is at its work. */
  private static final Duration STARTED = Duration.ofSeconds(5);

  /** An exit in order runs exit handlers of native libraries, too, and the JVM can tell of it. */
  private static final String TELLS_ORDERLY_EXIT = "-Xlog:gc+heap+exit:stderr";

  private static final String ORDERLY_EXIT = "gc,heap,exit";

  private static final Path STATUS = Path.of("/proc/self/status");

  @BeforeAll
  static void needsSignals() {
    assumeTrue(Files.exists(STATUS), "signals are sent as on Linux");
  }

  @ParameterizedTest
  @CsvSource({"TERM,15", "INT,2"})
  void aGenerationReportsWhatIsThere(String signal, int number) throws Exception {
    ChildProcess.assumeNotIgnored(number);
    try (ChildProcess child = ChildProcess.of("generate", "--seq_len=512", "--steps=512")) {
      String first = child.line();
      child.signal(signal);
      String rest = child.rest();
      assertEquals(BY_SIGNAL + number, child.exitCode(), rest);
      assertTrue(first.startsWith("step 1/512"), first);
      assertTrue(rest.contains("stopping after the running layer"), rest);
      assertTrue(rest.contains("Cancelled after"), rest);
      assertTrue(rest.contains("Running time"), rest);
    }
  }

  @Test
  void aBenchmarkOfGenerationsStops() throws Exception {
    try (ChildProcess child =
        ChildProcess.of("bench", "generate", "--seq_len=512", "--steps=512", "--runs=1")) {
      String first = child.line();
      child.signal("TERM");
      assertEquals("measuring full attention", first);
      assertEquals(BY_SIGNAL + 15, child.exitCode());
      String rest = child.rest();
      assertTrue(rest.contains("stopping after the running layer"), rest);
    }
  }

  /** Ending in an orderly way hangs now and then while LibTorch computes on several threads. */
  @RepeatedTest(3)
  void aComputingBenchmarkEndsAtOnce() throws Exception {
    try (ChildProcess child =
        ChildProcess.of(
            System.getProperty("java.class.path"),
            List.of(),
            List.of(TELLS_ORDERLY_EXIT),
            "bench",
            "attention",
            "--seq=1024",
            "--heads=4",
            "--kv_heads=4",
            "--runs=100000")) {
      child.awaitWork(STARTED);
      child.signal("TERM");
      String error = child.rest();
      assertEquals(BY_SIGNAL + 15, child.exitCode(), error);
      assertTrue(error.contains("ended by SIGTERM"), error);
      assertFalse(error.contains(ORDERLY_EXIT), error);
    }
  }

  /** Without it, the tests that look for its trace in vain would see nothing. */
  @Test
  void anOrderlyExitIsTold() throws Exception {
    try (ChildProcess child =
        ChildProcess.of(
            System.getProperty("java.class.path"),
            List.of(),
            List.of(TELLS_ORDERLY_EXIT),
            "--version")) {
      String rest = child.rest();
      assertEquals(0, child.exitCode(), rest);
      assertTrue(rest.contains(ORDERLY_EXIT), rest);
    }
  }

  @Test
  void aTrainingSaysWhereItStops(@TempDir Path folder) throws Exception {
    try (ChildProcess child =
        ChildProcess.of(
            System.getProperty("java.class.path"),
            List.of(),
            List.of(TELLS_ORDERLY_EXIT),
            "train-demo",
            "--output=" + folder,
            "--scale=0.01",
            "--threads=2")) {
      child.awaitThread("sparsed-trainin"); // Linux keeps 15 characters of a name.
      child.signal("TERM");
      String rest = child.rest();
      assertEquals(BY_SIGNAL + 15, child.exitCode(), rest);
      assertTrue(rest.contains("stopping within the running step"), rest);
      assertTrue(rest.contains("Stopped. What was learnt is saved"), rest);
      assertFalse(rest.contains(ORDERLY_EXIT), rest);
    }
  }

  @Test
  void waitingForStandardInputEndsAtOnceAndLeavesNoFiles(@TempDir Path folder) throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (ChildProcess child =
        ChildProcess.of(
            packed(folder.resolve("demo.jar")),
            List.of(),
            List.of("-Djava.io.tmpdir=" + temporary),
            "generate",
            "--prompt",
            "-")) {
      while (list(temporary).isEmpty() && child.isAlive()) {
        Thread.sleep(20);
      }
      assertTrue(list(temporary).get(0).startsWith("sparsed-demo"), list(temporary)::toString);
      child.signal("TERM");
      assertEquals(BY_SIGNAL + 15, child.exitCode(), child::rest);
      assertEquals(List.of(), list(temporary));
    }
  }

  @Test
  void aHangUpThatIsIgnoredStaysIgnored() throws Exception {
    try (ChildProcess child =
        ChildProcess.of(
            System.getProperty("java.class.path"),
            List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh"),
            List.of(),
            "generate",
            "--seq_len=512",
            "--steps=512")) {
      child.line();
      child.signal("HUP");
      assertTrue(child.line().startsWith("step "));
      child.signal("TERM");
      String rest = child.rest();
      assertEquals(BY_SIGNAL + 15, child.exitCode(), rest);
      assertFalse(rest.contains("SIGHUP"), rest);
    }
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  /** This class path with the demo model in a jar, as users have it. */
  private static String packed(Path jar) throws Exception {
    Path demo =
        Path.of(DemoCheckpoint.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isRegularFile(demo)) {
      return System.getProperty("java.class.path");
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file);
        Stream<Path> all = Files.walk(demo)) {
      entries.setLevel(0);
      for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        entries.putNextEntry(new JarEntry(demo.relativize(each).toString()));
        Files.copy(each, entries);
      }
    }
    List<String> path = new ArrayList<>(List.of(jar.toString()));
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).toAbsolutePath().equals(demo))
        .forEach(path::add);
    return String.join(File.pathSeparator, path);
  }
}
