package dev.sparsed.attention.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.TensorLayout;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Judges where an attention call is to write, for kernels on a processor and on a card alike. */
public final class OutputMemory {

  private OutputMemory() {}

  /**
   * Requires that a call can write its outputs.
   *
   * @param <V> the kernels' view of memory
   * @param call queries, keys and values, which are read
   * @param output where the output goes
   * @param logSumExp where the log-sum-exps go, or null
   * @param span tells the memory of a view, and what messages call it
   * @throws IllegalArgumentException if an output is of another form or shares memory with what is
   *     read, with the other output or with itself
   */
  public static <V> void requireWritable(
      AttentionCall<V> call,
      V output,
      @Nullable V logSumExp,
      BiFunction<? super V, String, MemorySpan> span) {
    MemorySpan written = span.apply(output, "the output");
    checkArgument(
        written.layout().form().equals(call.queryForm()),
        "the output must be %s, as the queries are, but is %s",
        call.queryForm(),
        written.layout().form());
    MemorySpan[] read = {
      span.apply(call.query(), "the queries"),
      span.apply(call.key(), "the keys"),
      span.apply(call.value(), "the values")
    };
    written.requireWritable(read);
    if (logSumExp != null) {
      MemorySpan sums = span.apply(logSumExp, "logSumExp");
      requireLogSumExp(call, sums.layout());
      sums.requireWritable(read);
      sums.requireWritable(written);
    }
  }

  /**
   * Requires the layout of a call's log-sum-exps.
   *
   * @param call the call
   * @param layout how they lie
   * @throws IllegalArgumentException if they are of another form or with gaps
   */
  public static void requireLogSumExp(AttentionCall<?> call, TensorLayout layout) {
    checkArgument(
        layout.equals(call.logSumExpLayout()),
        "logSumExp must be %s but is %s",
        call.logSumExpLayout(),
        layout);
  }
}
