package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What native libraries find in the environment, each case in a JVM of its own. */
class WaitingThreadsTest {

  private static final List<String> VARIABLES =
      List.of(WaitingThreads.OPENMP_VARIABLE, WaitingThreads.OPENBLAS_VARIABLE, "HOME");

  /**
   * Prints what {@link WaitingThreads} says and leaves; loads a library before if it is told to.
   */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) {
      for (String library : arguments) {
        System.load(library);
      }
      System.out.println(WaitingThreads.letSleep().orElse("nothing to say"));
      for (String name : VARIABLES) {
        System.out.println(WaitingThreads.variable(name).orElse("not set"));
      }
      System.out.println(WaitingThreads.letSleep().orElse("nothing to say"));
    }
  }

  @BeforeEach
  void needKernels() {
    Kernels.assumeAvailable();
  }

  private static List<String> report(Map<String, String> environment, String... libraries)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Report.class.getName()));
    command.addAll(List.of(libraries));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeAll(VARIABLES.subList(0, 2));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return output.lines().toList();
  }

  @Test
  void letsThreadsSleepAndKeepsTheRestOfTheEnvironment() throws Exception {
    assertEquals(
        List.of("nothing to say", "passive", "4", System.getenv("HOME"), "nothing to say"),
        report(Map.of()));
  }

  @Test
  void leavesWhatTheEnvironmentSays() throws Exception {
    assertEquals(
        List.of("active", "26"),
        report(Map.of("OMP_WAIT_POLICY", "active", "OPENBLAS_THREAD_TIMEOUT", "26")).subList(1, 3));
    assertEquals(List.of("not set", "4"), report(Map.of("GOMP_SPINCOUNT", "1000")).subList(1, 3));
  }

  @Test
  void saysWhatCameTooLate() throws Exception {
    Path openMp = Path.of("/usr/lib/x86_64-linux-gnu/libgomp.so.1");
    assumeTrue(Files.exists(openMp), openMp + " is not on this machine");
    List<String> lines = report(Map.of(), openMp.toString());
    assertTrue(lines.get(0).contains("with OMP_WAIT_POLICY=passive in its"), lines::toString);
    assertEquals(List.of("not set", "4"), lines.subList(1, 3));
    assertEquals(
        "nothing to say", report(Map.of("OMP_WAIT_POLICY", "x"), openMp.toString()).get(0));
  }

  @Test
  void changesNothingWithoutTheKernels() throws Exception {
    assertEquals(
        List.of("nothing to say", "not set", "not set"),
        report(Map.of("JDK_JAVA_OPTIONS", "-Ddev.sparsed.cpu.level=none")).subList(0, 3));
  }
}
