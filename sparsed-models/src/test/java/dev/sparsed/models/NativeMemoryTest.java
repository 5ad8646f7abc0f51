package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/**
 * Native memory is released as the generation goes, not when the garbage collector comes by.
 *
 * <p>The generations run in a JVM of their own whose heap is resident from the start and whose
 * optimizing compiler, a user of tens of megabytes, is off: what its resident memory grows by comes
 * from the generations.
 */
final class NativeMemoryTest {

  private static final int WARM_UP = 60;
  private static final int GENERATIONS = 200;

  /**
   * Two tensors of hidden states leaked per generation come to more; allocators keep some slack.
   */
  private static final long SLACK = 8L << 20;

  @Test
  void twoHundredGenerationsLeaveMemoryFlat() throws IOException, InterruptedException {
    Process process =
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
                    NativeMemoryTest.class.getName()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);

    Scanner numbers = new Scanner(printed);
    long pointers = numbers.nextLong();
    long bytes = numbers.nextLong();
    // Fewer is no leak: the collector may clear up what loading left.
    assertTrue(pointers <= 0, pointers + " native objects were left behind");
    assertTrue(bytes < SLACK, bytes + " bytes of resident memory were left behind");
  }

  /** Prints by how many native objects and resident bytes the measured generations grew. */
  public static void main(String[] arguments) {
    try (DiffusionModel model = TinyModels.load("tiny-dream")) {
      GenerationRequest request =
          GenerationRequest.builder()
              .prompt(TinyModels.prompt(1, 100))
              .generationLength(16)
              .steps(3)
              .decoding(TinyModels.GREEDY)
              .attention(AttentionPolicy.sparseD(0, 0.3, 16))
              .sparsity(Sparsity.ALWAYS)
              .build();
      generate(model, request, WARM_UP);
      long pointers = Pointer.totalCount();
      long bytes = Pointer.physicalBytes();
      generate(model, request, GENERATIONS);
      System.out.println(Pointer.totalCount() - pointers);
      System.out.println(Pointer.physicalBytes() - bytes);
    }
  }

  private static void generate(DiffusionModel model, GenerationRequest request, int times) {
    for (int i = 0; i < times; i++) {
      model.generate(request);
    }
  }
}
