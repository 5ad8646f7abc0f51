package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.WaitingThreads;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** What a program that only adds the dependency gets and is told, each case in a JVM of its own. */
class LoadLogTest {

  /** Loads models as any program does; with an argument it has used LibTorch before. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      if (arguments.length > 0) {
        torch.manual_seed(1);
      }
      TinyModels.load("tiny-dream").close();
      try (DiffusionModel model = TinyModels.load("tiny-llada-gqa")) {
        model.config();
      }
      System.out.printf(
          "%s %s %d %d%n",
          WaitingThreads.variable(WaitingThreads.OPENMP_VARIABLE).orElse("none"),
          WaitingThreads.variable(WaitingThreads.OPENBLAS_VARIABLE).orElse("none"),
          Pointer.maxBytes(),
          Pointer.maxPhysicalBytes());
    }
  }

  /** What it prints, then what it says on standard error. */
  private static List<String> run(boolean withLogger, List<String> options, String... arguments)
      throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
            .filter(entry -> withLogger || !entry.contains("slf4j-simple"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, Program.class.getName()));
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("errors", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder
          .environment()
          .keySet()
          .removeAll(List.of(WaitingThreads.OPENMP_VARIABLE, WaitingThreads.OPENBLAS_VARIABLE));
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      List<String> lines = new ArrayList<>(output.lines().toList());
      assertEquals(0, process.waitFor(), output);
      Files.readAllLines(errors).stream()
          .filter(line -> !line.isEmpty() && !line.startsWith("WARNING: ")) // Of newer JVMs.
          .forEach(lines::add);
      return lines;
    } finally {
      Files.delete(errors);
    }
  }

  @Test
  void saysOnceWhatComputes() throws Exception {
    assumeTrue(CpuKernels.isAvailable(), "no CPU kernels");
    List<String> lines = run(true, List.of());
    assertEquals("passive 4 0 0", lines.get(0), lines::toString);
    assertEquals(2, lines.size(), lines::toString);
    String told = lines.get(1);
    assertTrue(told.contains("INFO") && told.contains("DreamModel on cpu in float32"), told);
    assertTrue(told.contains("CPU kernels: " + CpuKernels.fastest()), told);
    assertTrue(told.contains("LibTorch for "), told);
  }

  @Test
  void warnsOnceOfTheSlowPathAndThenLetsThreadsSpin() throws Exception {
    List<String> lines = run(true, List.of("-Ddev.sparsed.cpu.level=none"));
    assertEquals("none none 0 0", lines.get(0), lines::toString);
    assertEquals(1, lines.stream().filter(line -> line.contains("WARN")).count(), lines::toString);
    String warning = lines.get(1);
    assertTrue(warning.contains("CPU kernels are not there"), warning);
    assertTrue(warning.contains("dev.sparsed.cpu.level"), warning);
    assertTrue(warning.contains("add dev.sparsed:sparsed-cpu"), warning);
  }

  @Test
  void saysWhatCameTooLate() throws Exception {
    assumeTrue(CpuKernels.isAvailable(), "no CPU kernels");
    List<String> lines = run(true, List.of("-Xmx1g"), "first");
    List<String> warnings = lines.stream().filter(line -> line.contains("WARN")).toList();
    assertEquals(2, warnings.size(), lines::toString);
    assertTrue(warnings.get(0).contains("OMP_WAIT_POLICY=passive and OPENBLAS_THREAD"));
    assertTrue(warnings.get(1).contains("limits native memory to 1.0 GiB"), warnings::toString);
  }

  @Test
  void leavesTheProgramsOwnLimits() throws Exception {
    List<String> lines = run(true, List.of("-Dorg.bytedeco.javacpp.maxBytes=2g"));
    assertTrue(lines.get(0).endsWith(" 2147483648 0"), lines::toString);
    assertTrue(lines.stream().noneMatch(line -> line.contains("limits")), lines::toString);
  }

  @Test
  void isSilentWithoutALoggingLibrary() throws Exception {
    List<String> lines = run(false, List.of("-Ddev.sparsed.cpu.level=none"));
    assertEquals(List.of("none none 0 0"), lines);
  }
}
