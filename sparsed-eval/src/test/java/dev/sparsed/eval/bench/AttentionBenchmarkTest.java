package dev.sparsed.eval.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class AttentionBenchmarkTest {

  @Test
  void countsRaggedBlocksByTheirTokens() {
    // Blocks of 4, 4 and 2 tokens; only the last block, of 2 x 2 tokens, and the first are set.
    SparsePatternBuilder builder = SparsePattern.builder(BlockGrid.square(1, 1, 10, 4));
    BitSet first = new BitSet();
    first.set(0);
    BitSet last = new BitSet();
    last.set(2);
    SparsePattern pattern = builder.setRow(0, first).setRow(1, first).setRow(2, last).build();
    assertEquals((16 + 16 + 4) / 100.0, AttentionBenchmark.density(pattern), 1e-12);
  }

  @Test
  void namesMachineAndBlasAboveTheTable() {
    String text = Environment.text();
    assertTrue(text.contains("; blas ") && text.contains("; OPENBLAS_THREAD_TIMEOUT "), text);
    assertTrue(
        text.startsWith(
            Environment.machine().get("cpu") + " (" + Environment.machine().get("instructions")),
        text);
  }
}
