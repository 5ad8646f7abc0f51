package stranger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StrangerTest {

  @Test
  void anOwnModelBecomesSparseByOneCall() {
    Random random = new Random(1);
    FloatTensor x = FloatTensor.zeros(1, 2, 64, 8);
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = (float) random.nextGaussian();
    }
    try (SparseAttention<FloatTensor> attention =
        new SparseAttention<>(
            new ReferenceBackend(), AttentionPolicy.sparseD(0.2, 0.3, 16), 1, 10, 16)) {
      for (int step = 0; step < 10; step++) {
        attention.beginStep(step);
        assertEquals(64, attention.attend(0, x, x, x).length());
      }
      assertEquals(4, attention.pattern(0).orElseThrow().grid().keyBlocks());
    }
  }
}
