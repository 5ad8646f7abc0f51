package dev.sparsed.eval.bench;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.cpu.WaitingThreads;
import dev.sparsed.internal.LibraryVersion;
import dev.sparsed.internal.Processor;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The machine and the versions that a measurement was made with. */
public final class Environment {

  private static final Pattern DECISIVE =
      Pattern.compile("avx|avx2|fma|f16c|avx_.*|avx512.*|amx.*|asimd.*|sve.*|i8mm|bf16");

  /** Which kernels OpenBLAS takes, and how threads wait for work. */
  private static final ImmutableList<String> WAITING =
      ImmutableList.of(
          "OPENBLAS_CORETYPE", WaitingThreads.OPENMP_VARIABLE, WaitingThreads.OPENBLAS_VARIABLE);

  private Environment() {}

  /**
   * The machine.
   *
   * @return operating system, processor, those of its instruction sets that decide how fast its
   *     products are, its logical cores and the memory in bytes
   */
  public static Map<String, Object> machine() {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("cpu", Processor.name());
    machine.put("instructions", instructions());
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("memory_bytes", memoryBytes());
    return machine;
  }

  /**
   * What LibTorch's products run on, and the settings that their speed hangs on.
   *
   * @return {@code libtorch}: version and the instructions its own kernels use; {@code blas}: the
   *     library that is loaded; {@code threads} of LibTorch; and the environment variables that say
   *     which kernels OpenBLAS takes and how threads wait
   */
  public static ImmutableMap<String, String> runtime() {
    ImmutableMap.Builder<String, String> runtime = ImmutableMap.builder();
    try {
      TorchRuntime.require();
      try (BytePointer capability = torch.get_cpu_capability()) {
        runtime.put(
            "libtorch", artifactVersion("pytorch") + ", kernels for " + capability.getString());
      }
      runtime.put("blas", blas());
      runtime.put("threads", Integer.toString(torch.get_num_threads()));
    } catch (IllegalStateException e) {
      runtime.put("libtorch", "cannot be loaded");
    }
    for (String name : WAITING) {
      String value = WaitingThreads.variable(name).orElse(null);
      runtime.put(name, value == null ? "not set" : value);
    }
    return runtime.buildOrThrow();
  }

  /** The BLAS whose functions the process has; MKL comes before OpenBLAS if both are loaded. */
  private static String blas() {
    if (Loader.addressof("MKL_Set_Num_Threads") != null) {
      return "MKL " + artifactVersion("mkl");
    }
    return Loader.addressof("openblas_set_num_threads") == null
        ? "unknown"
        : "OpenBLAS " + artifactVersion("openblas");
  }

  /**
   * The machine and what products run on, for people.
   *
   * @return a few lines
   */
  public static String text() {
    Map<String, Object> machine = machine();
    StringBuilder text = new StringBuilder();
    text.append(machine.get("cpu")).append(" (").append(machine.get("instructions")).append("), ");
    text.append(machine.get("cores")).append(" logical cores");
    runtime().forEach((name, value) -> text.append("; ").append(name).append(' ').append(value));
    return text.toString();
  }

  /**
   * The versions of the library and of what it runs on.
   *
   * @return version by name
   */
  public static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("sparsed", LibraryVersion.text());
    versions.put("java", System.getProperty("java.runtime.version"));
    versions.put("pytorch", artifactVersion("pytorch"));
    versions.put("javacpp", artifactVersion("javacpp"));
    return versions;
  }

  private static String artifactVersion(String artifact) {
    try {
      return Loader.getVersion("org.bytedeco", artifact);
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static long memoryBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  private static String instructions() {
    // Arm's kernels call them features.
    String flags = Processor.fact("flags").or(() -> Processor.fact("Features")).orElse("").strip();
    String found =
        Splitter.on(' ')
            .splitToStream(flags)
            .filter(flag -> DECISIVE.matcher(flag).matches())
            .sorted()
            .collect(Collectors.joining(" "));
    return found.isEmpty() ? "unknown" : found;
  }
}
