package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.FamilyGoldens;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

  /** Of each further kind, whose native objects are counted: a single leak is seen at once. */
  private static final int WARM_UP_OF_KIND = 3;

  private static final int GENERATIONS_OF_KIND = 10;

  /**
   * Two tensors of hidden states leaked per generation come to more; allocators keep some slack.
   */
  private static final long SLACK = 8L << 20;

  private static final String BYTES = "bytes";

  @Test
  void generationsLeaveMemoryFlat() throws IOException, InterruptedException {
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

    List<String> lines = printed.lines().toList();
    assertEquals(10, lines.size(), printed);
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      // Fewer is no leak: the collector may clear up what loading left.
      assertTrue(Long.parseLong(parts[1]) < (parts[0].equals(BYTES) ? SLACK : 1), printed);
    }
  }

  /** Prints by how many native objects and resident bytes the measured generations grew. */
  public static void main(String[] arguments) {
    try (DiffusionModel dream = TinyModels.load("tiny-dream");
        DiffusionModel llada = TinyModels.load("tiny-llada-gqa");
        DiffusionModel causal = FamilyGoldens.of("goldens-qwen").load("sdar")) {
      Runnable sparseD =
          generation(dream, request(3).decoding(TinyModels.GREEDY), GenerationListener.NONE);
      repeat(sparseD, WARM_UP);
      long bytes = Pointer.physicalBytes();
      print("Dream", growth(sparseD, GENERATIONS));
      print(BYTES, Pointer.physicalBytes() - bytes);
      kinds(dream, llada, causal)
          .forEach(
              (name, kind) -> {
                repeat(kind, WARM_UP_OF_KIND);
                print(name, growth(kind, GENERATIONS_OF_KIND));
              });
    }
  }

  private static Map<String, Runnable> kinds(
      DiffusionModel dream, DiffusionModel llada, DiffusionModel causal) {
    LladaDecoding blocks = LladaDecoding.DEFAULT.withBlockLength(8);
    Map<String, Runnable> kinds = new LinkedHashMap<>();
    kinds.put("LLaDA", generation(llada, request(4).decoding(blocks), GenerationListener.NONE));
    kinds.put(
        "guidance",
        generation(llada, request(4).decoding(blocks.withGuidance(1)), GenerationListener.NONE));
    kinds.put(
        "evicting cache",
        generation(
            llada,
            request(6).decoding(blocks).cache(CachePolicy.sparseDllm()),
            GenerationListener.NONE));
    kinds.put(
        "dual cache",
        generation(
            dream,
            request(6)
                .decoding(
                    new ParallelDecoding(
                        TinyModels.GREEDY.withBlocks(DreamDecoding.Blocks.of(8)), 0.5))
                .cache(CachePolicy.dual()),
            GenerationListener.NONE));
    GenerationRequest.Builder cached =
        request(6).decoding(blocks.withGuidance(1)).cache(CachePolicy.sparseDllm());
    kinds.put("stop", generation(llada, cached, progress -> GenerationListener.Reaction.STOP));
    kinds.put("interruption", interrupted(llada, cached));
    kinds.put("throwing listener", failing(llada, cached));
    int[] tokens = IntStream.range(1, 65).toArray();
    kinds.put("logits, block by block", () -> causal.logits(tokens, new int[] {5}, List.of()));
    return kinds;
  }

  private static GenerationRequest.Builder request(int steps) {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(1, 100))
        .generationLength(16)
        .steps(steps)
        .attention(AttentionPolicy.sparseD(0, 0.3, 16))
        .sparsity(Sparsity.ALWAYS);
  }

  private static Runnable generation(
      DiffusionModel model, GenerationRequest.Builder request, GenerationListener listener) {
    GenerationRequest built = request.build();
    return () -> model.generate(built, listener);
  }

  /** Ends in the middle of the third step's forward pass. */
  private static Runnable interrupted(DiffusionModel model, GenerationRequest.Builder request) {
    GenerationRequest built = request.build();
    GenerationListener onEviction =
        new GenerationListener() {
          @Override
          public Reaction onStep(GenerationProgress progress) {
            return Reaction.CONTINUE;
          }

          @Override
          public void onEviction(
              int sequence, int step, int layer, float[] importance, int[] kept) {
            Thread.currentThread().interrupt();
          }
        };
    return () -> {
      boolean cancelled = model.generate(built, onEviction).cancelled();
      if (!Thread.interrupted() || !cancelled) {
        throw new IllegalStateException("not interrupted");
      }
    };
  }

  private static Runnable failing(DiffusionModel model, GenerationRequest.Builder request) {
    GenerationRequest built = request.build();
    return () -> {
      try {
        model.generate(
            built,
            progress -> {
              if (progress.step() == 2) {
                throw new UnsupportedOperationException("the listener's own failure");
              }
              return GenerationListener.Reaction.CONTINUE;
            });
      } catch (UnsupportedOperationException e) {
        return;
      }
      throw new IllegalStateException("the listener's failure is lost");
    };
  }

  private static void repeat(Runnable generation, int times) {
    for (int i = 0; i < times; i++) {
      generation.run();
    }
  }

  private static long growth(Runnable generation, int times) {
    long pointers = Pointer.totalCount();
    repeat(generation, times);
    return Pointer.totalCount() - pointers;
  }

  private static void print(String name, long number) {
    System.out.println(name + "\t" + number);
  }
}
