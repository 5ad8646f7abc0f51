package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark of gpu/check on the emulated device, where its times mean nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GpuBenchmarkTest {

  private static final int LENGTH = 72;
  private static final int BLOCKS = 5;

  private EmulatedDriver driver;

  @BeforeAll
  void startDevice() {
    driver = EmulatedDriver.start();
  }

  @AfterAll
  void stopDevice() {
    if (driver != null) {
      driver.close();
    }
  }

  /** In cuDNN's place: these kernels, whose results it may spoil. */
  private record StandIn(CudaAttention kernels, boolean writes) implements FusedAttention {

    @Override
    public Optional<String> attend(
        AttentionCall<DeviceTensor> call,
        DeviceTensor output,
        @Nullable DeviceTensor logSumExp,
        long stream) {
      if (writes) {
        CudaAttention onStream = kernels.onStream(stream);
        if (logSumExp == null) {
          onStream.dense(call, output);
        } else {
          onStream.dense(call, output, logSumExp);
        }
      }
      return Optional.empty();
    }

    @Override
    public Optional<String> problem() {
      return Optional.empty();
    }
  }

  private final StringWriter said = new StringWriter();
  private final StringWriter answers = new StringWriter();

  @BeforeEach
  void forget() {
    said.getBuffer().setLength(0);
    answers.getBuffer().setLength(0);
  }

  private boolean run(CudaAttention attention, Path folder) throws IOException {
    GpuBenchmark benchmark =
        new GpuBenchmark(
            attention,
            call -> {
              call.run();
              return 1;
            },
            new PrintWriter(said, true));
    String line = "2 1 " + LENGTH + " 64 16 0.3 1 " + folder.resolve("mask") + "\n";
    return benchmark.run(
        new BufferedReader(new StringReader(line + line)), new PrintWriter(answers, true));
  }

  @Test
  void answersEverySizeAndWritesItsMask(@TempDir Path folder) throws IOException {
    long before = driver.liveAllocations();
    assertTrue(run(driver.attention(), folder), said::toString);
    List<String> lines = answers.toString().lines().toList();
    assertEquals(2, lines.size());
    String[] numbers = lines.get(0).split(" ");
    assertEquals("1.00000 - 1.00000 1.00000", String.join(" ", List.of(numbers).subList(0, 4)));
    assertTrue(said.toString().contains("cuDNN not measured"), said::toString);
    byte[] mask = Files.readAllBytes(folder.resolve("mask"));
    assertEquals(2 * BLOCKS * BLOCKS, mask.length);
    assertEquals(before, driver.liveAllocations());
  }

  @Test
  void saysWhereFullAttentionAndCudnnsDiffer(@TempDir Path folder) throws IOException {
    CudaAttention right = driver.attention(new StandIn(driver.attention(), true));
    assertTrue(run(right, folder), said::toString);
    CudaAttention wrong = driver.attention(new StandIn(driver.attention(), false));
    assertFalse(run(wrong, folder));
    assertTrue(said.toString().contains("WRONG: cuDNN's full attention"), said::toString);
    assertTrue(said.toString().contains("WRONG: log-sum-exp of cuDNN's"), said::toString);
    assertFalse(said.toString().contains("sparse"), said::toString);
  }
}
