package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.WaitingThreads;
import dev.sparsed.cuda.Cuda;
import dev.sparsed.eval.bench.Environment;
import dev.sparsed.internal.Notices;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.internal.checkpoint.CheckpointLocator;
import dev.sparsed.models.internal.torch.CudaTorchKernels;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Loader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code doctor}. */
@Command(
    name = "doctor",
    description = {
      "Shows what the library finds on this machine.",
      "Versions, LibTorch, kernels, graphics cards, the Hugging Face cache. The exit code is 1 if"
          + " nothing can be generated."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed doctor",
      "  ./sparsed doctor --json",
      "  ./sparsed doctor --calibrate",
      "  ./sparsed doctor --verbose"
    })
final class DoctorCommand implements Callable<Integer> {

  private static final String WORKS = "works";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--calibrate",
      description =
          "Measure the speed of attention on this machine's devices anew, by which --sparsity auto"
              + " decides; keep it and print it.")
  private boolean calibrate;

  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() {
    ObjectNode findings = JsonNodeFactory.instance.objectNode();
    Environment.machine().forEach(findings::putPOJO);
    Environment.versions().forEach(findings::put);
    String torch = torch();
    findings.put("libtorch", torch);
    findings.put("native_libraries", nativeLibraries());
    findings.put("waiting_threads", waitingThreads());
    findings.put(
        "cpu_kernels",
        CpuKernels.unavailableReason()
            .map(reason -> "not there: " + reason)
            .orElseGet(() -> CpuKernels.instructionSets().toString()));
    findings.put(
        "cuda",
        Cuda.unavailableReason()
            .map(reason -> "not there: " + reason)
            .orElseGet(() -> String.join("; ", Cuda.describe())));
    findings.put("cudnn", Cuda.cudnnVersion().orElse("not found (optional)"));
    if (torch.equals(WORKS)) {
      findings.put(
          "cuda_attention",
          CudaTorchKernels.unavailableReason().map(reason -> "not used: " + reason).orElse(WORKS));
    }
    findings.put("huggingface_cache", huggingFaceCache());
    Optional<ObjectNode> calibration =
        calibrate && torch.equals(WORKS)
            ? Optional.of(CalibrationReport.renew())
            : Optional.empty();
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      calibration.ifPresent(report -> findings.set("calibration", report));
      Json.print(out, findings);
    } else {
      findings
          .properties()
          .forEach(
              entry ->
                  out.printf(Locale.ROOT, "%-18s %s%n", entry.getKey(), entry.getValue().asText()));
      calibration.ifPresent(report -> CalibrationReport.print(out, report));
    }
    return torch.equals(WORKS) ? 0 : 1;
  }

  private static String huggingFaceCache() {
    try {
      Path cache = CheckpointLocator.ofEnvironment().cache();
      return cache + (Files.isDirectory(cache) ? "" : " (not there)");
    } catch (CheckpointException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String nativeLibraries() {
    List<String> notices = Notices.take();
    if (!notices.isEmpty()) {
      return String.join("; ", notices);
    }
    try {
      return "unpacked to " + Loader.getCacheDir();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String waitingThreads() {
    String policy = WaitingThreads.variable(WaitingThreads.OPENMP_VARIABLE).orElse("");
    if (policy.equalsIgnoreCase("passive")) {
      return "leave their cores to others";
    }
    return CpuKernels.isAvailable()
        ? "spin; set OMP_WAIT_POLICY=passive and OPENBLAS_THREAD_TIMEOUT=4 for faster steps"
        : "spin, which is faster without the CPU kernels";
  }

  private static String torch() {
    try {
      TorchRuntime.require();
      return WORKS;
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
