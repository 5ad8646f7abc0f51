package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Native memory is released as the generation goes, not when the garbage collector comes by. */
final class NativeMemoryTest {

  private static final int WARM_UP = 40;
  private static final int GENERATIONS = 200;

  /** What a hundred leaked generations would exceed many times over; allocators keep some slack. */
  private static final long SLACK = 24L << 20;

  @Test
  void twoHundredGenerationsLeaveMemoryFlat() {
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
      long before = 0;
      long pointersBefore = 0;
      for (int i = 0; i < GENERATIONS; i++) {
        if (i == WARM_UP) {
          before = Pointer.physicalBytes();
          pointersBefore = Pointer.totalCount();
        }
        model.generate(request);
      }
      long grown = Pointer.physicalBytes() - before;
      long pointers = Pointer.totalCount() - pointersBefore;
      // Fewer is no leak: the collector may clear up what other tests left.
      assertTrue(pointers <= 0, pointers + " native objects were left behind");
      assertTrue(grown < SLACK, grown + " bytes of resident memory were left behind");
    }
  }
}
