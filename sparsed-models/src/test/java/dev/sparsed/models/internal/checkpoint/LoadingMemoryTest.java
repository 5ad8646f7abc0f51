package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.family.ModelTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Beside a model that is quantized while it loads, memory holds one of its tensors as it was
 * stored.
 *
 * <p>Models load in a JVM of their own whose heap is resident from the start, so that what its
 * memory peaks at beyond a first, tiny model comes from the second.
 */
@EnabledOnOs(OS.LINUX)
final class LoadingMemoryTest {

  /** 210 MiB in bf16, of which embedding and head have 40 each. */
  private static final ModelConfig MODEL =
      PublishedModels.DREAM_7B
          .withArchitecture(
              PublishedModels.DREAM_7B.architecture().toBuilder()
                  .vocabulary(20_480)
                  .widths(1024, 2816)
                  .layers(6)
                  .heads(8, 2)
                  .build())
          .withTokens(
              new ModelTokens(311, OptionalInt.of(303), OptionalInt.of(303), OptionalInt.of(303)));

  private static final long LARGEST_TENSOR = 20_480L * 1024 * Short.BYTES;

  /** A strip in float32, and what allocators keep. */
  private static final long SLACK = 48L << 20;

  private static final Path TINY = Path.of("src/test/resources/goldens/checkpoints/tiny-dream");

  /** In float16 LibTorch multiplies by the quantized form, as on a card. */
  @Test
  void holdsTheQuantizedModelAndOneTensor(@TempDir Path folder)
      throws IOException, InterruptedException {
    new CheckpointWriter(folder).write(MODEL, RandomWeights.of(MODEL, 1));
    load(folder, Precision.BFLOAT16);
    load(folder, Precision.FLOAT16);
  }

  private static void load(Path folder, Precision precision)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms96m",
                    "-Xmx96m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LoadingMemoryTest.class.getName(),
                    folder.toString(),
                    precision.name()))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // What is released is given back at once, so that it does not count.
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "1000000");
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    String[] numbers = printed.strip().split("\t", -1);
    long weights = Long.parseLong(numbers[0]);
    long peak = Long.parseLong(numbers[1]);
    assertTrue(
        peak < weights + LARGEST_TENSOR + SLACK,
        () -> precision + ": " + peak + " bytes with " + weights + " of weights");
  }

  /** Prints the bytes of the loaded weights, and how far the resident memory rose while loading. */
  public static void main(String[] arguments) throws IOException {
    ModelOptions options =
        ModelOptions.DEFAULT
            .withPrecision(Precision.valueOf(arguments[1]))
            .withWeights(WeightScheme.Q4);
    DiffusionModel.load(TINY, options).close();
    long before = mostResident();
    try (DiffusionModel model = DiffusionModel.load(Path.of(arguments[0]), options)) {
      System.out.println(model.describe().weightBytes() + "\t" + (mostResident() - before));
    }
  }

  private static long mostResident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("/proc/self/status does not tell VmHWM");
  }
}
