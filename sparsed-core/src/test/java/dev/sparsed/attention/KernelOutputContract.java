package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a library of kernels must refuse to write, on a processor and on a card alike: memory that
 * the same call reads, memory of another form, and memory whose elements overlap.
 *
 * @param <V> the library's view of memory that its caller owns
 */
public abstract class KernelOutputContract<V> {

  /** Float32 elements that the test needs. */
  protected static final int ARENA = 4096;

  private static final int D = 16;
  private static final int QUERIES = 2 * 5 * D;
  private static final int KEYS = 7 * D;

  /**
   * A view of the test's memory, {@link #ARENA} float32 elements of zero.
   *
   * @param first the element where it begins
   * @param layout how it goes on
   * @return the view
   */
  protected abstract V view(int first, TensorLayout layout);

  /**
   * The reader of the library's views.
   *
   * @return the reader
   */
  protected abstract TensorReader<V> reader();

  /**
   * Full attention.
   *
   * @param call queries, keys and values
   * @param output where the output goes
   */
  protected abstract void dense(AttentionCall<V> call, V output);

  /**
   * Full attention with log-sum-exps.
   *
   * @param call queries, keys and values
   * @param output where the output goes
   * @param logSumExp where the log-sum-exps go
   */
  protected abstract void dense(AttentionCall<V> call, V output, V logSumExp);

  /**
   * Sparse attention.
   *
   * @param call queries, keys and values
   * @param pattern the blocks
   * @param output where the output goes
   */
  protected abstract void sparse(AttentionCall<V> call, PreparedPattern pattern, V output);

  /**
   * Sparse attention with log-sum-exps.
   *
   * @param call queries, keys and values
   * @param pattern the blocks
   * @param output where the output goes
   * @param logSumExp where the log-sum-exps go
   */
  protected abstract void sparse(
      AttentionCall<V> call, PreparedPattern pattern, V output, V logSumExp);

  private static TensorLayout contiguous(int heads, int length, int headDimension) {
    return TensorLayout.contiguous(
        new TensorForm(ElementType.FLOAT32, 1, heads, length, headDimension));
  }

  private V queries(int first) {
    return view(first, contiguous(2, 5, D));
  }

  private V keys(int first) {
    return view(first, contiguous(1, 7, D));
  }

  private V logSumExp(int first) {
    return view(first, contiguous(2, 5, 1));
  }

  /** Queries at 1000, keys at 2000 and values at 3000. */
  private AttentionCall<V> call() {
    return AttentionCall.of(reader(), queries(1000), keys(2000), keys(3000));
  }

  private static PreparedPattern pattern() {
    return PreparedPattern.of(SparsePattern.dense(new BlockGrid(1, 2, 5, 7, 16)));
  }

  /** Every call that writes this output. */
  private void assertOutputRefused(V output, String... saying) {
    V sums = logSumExp(0);
    try (PreparedPattern pattern = pattern()) {
      for (Runnable call :
          List.<Runnable>of(
              () -> dense(call(), output),
              () -> dense(call(), output, sums),
              () -> sparse(call(), pattern, output),
              () -> sparse(call(), pattern, output, sums))) {
        assertRefused(call, saying);
      }
    }
  }

  private void assertLogSumExpRefused(V sums, String... saying) {
    V output = queries(100);
    try (PreparedPattern pattern = pattern()) {
      assertRefused(() -> dense(call(), output, sums), saying);
      assertRefused(() -> sparse(call(), pattern, output, sums), saying);
    }
  }

  private static void assertRefused(Runnable call, String... saying) {
    String message = assertThrows(IllegalArgumentException.class, call::run).toString();
    for (String part : saying) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void outputsThatShareMemoryWithInputsAreRefused() {
    String[] names = {"the queries", "the keys", "the values"};
    int[] starts = {1000, 2000, 3000};
    int[] lengths = {QUERIES, KEYS, KEYS};
    for (int i = 0; i < names.length; i++) {
      String says = "the output shares memory with " + names[i];
      assertOutputRefused(queries(starts[i]), says);
      assertOutputRefused(queries(starts[i] + lengths[i] - 1), says);
      assertOutputRefused(queries(starts[i] - QUERIES + 1), says);
    }
  }

  @Test
  void neighboursAreNoOverlap() {
    try (PreparedPattern pattern = pattern()) {
      for (int start : new int[] {1000 - QUERIES, 1000 + QUERIES, 2000 + KEYS, 3000 - QUERIES}) {
        dense(call(), queries(start));
        dense(call(), queries(start), logSumExp(3000 + KEYS));
        sparse(call(), pattern, queries(start));
        sparse(call(), pattern, queries(start), logSumExp(2000 - 10));
      }
    }
  }

  @Test
  void outputsWhoseElementsOverlapAreRefused() {
    TensorForm form = new TensorForm(ElementType.FLOAT32, 1, 2, 5, D);
    assertOutputRefused(view(0, new TensorLayout(form, 0, D, D)), "output", "one another");
    assertOutputRefused(view(0, new TensorLayout(form, 0, 0, D)), "output", "one another");
    // With room between tokens the heads may lie there.
    dense(call(), view(0, new TensorLayout(form, 0, D, 2 * D)));
  }

  @Test
  void outputsOfAnotherFormAreRefused() {
    assertOutputRefused(view(0, contiguous(2, 4, D)), "output", "[1, 2, 4, 16]");
    assertOutputRefused(view(0, contiguous(1, 5, D)), "output", "[1, 1, 5, 16]");
    assertOutputRefused(view(0, contiguous(2, 5, 2 * D)), "output", "[1, 2, 5, 32]");
    TensorForm narrow = new TensorForm(ElementType.BFLOAT16, 1, 2, 5, D);
    assertOutputRefused(view(0, TensorLayout.contiguous(narrow)), "output", "bf16");
  }

  @Test
  void logSumExpsThatShareMemoryAreRefused() {
    assertLogSumExpRefused(logSumExp(1000), "logSumExp shares memory with the queries");
    assertLogSumExpRefused(logSumExp(2000 + KEYS - 1), "logSumExp shares memory with the keys");
    assertLogSumExpRefused(logSumExp(3000 - 9), "logSumExp shares memory with the values");
    assertLogSumExpRefused(logSumExp(100 + QUERIES - 1), "logSumExp shares memory with the output");
  }

  @Test
  void logSumExpsOfAnotherFormAreRefused() {
    assertLogSumExpRefused(view(0, contiguous(2, 4, 1)), "logSumExp", "[1, 2, 4, 1]");
    assertLogSumExpRefused(view(0, contiguous(1, 5, 1)), "logSumExp");
    assertLogSumExpRefused(view(0, contiguous(2, 5, 2)), "logSumExp");
    TensorForm form = new TensorForm(ElementType.FLOAT32, 1, 2, 5, 1);
    assertLogSumExpRefused(view(0, new TensorLayout(form, 20, 10, 2)), "logSumExp");
  }

  @Test
  void callsOfOtherReadersAreNotTrusted() {
    V small = view(0, contiguous(1, 1, 1));
    TensorForm lie = new TensorForm(ElementType.FLOAT32, 1, 2, 1 << 20, D);
    AttentionCall<V> lying = AttentionCall.of(tensor -> lie, small, small, small);
    assertRefused(() -> dense(lying, queries(0)), "reader");
    try (PreparedPattern pattern = pattern()) {
      assertRefused(() -> sparse(lying, pattern, queries(0)), "reader");
    }
  }
}
