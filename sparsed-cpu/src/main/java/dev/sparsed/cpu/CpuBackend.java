package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.HeapPattern;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/**
 * The kernels behind core's backend interface, for tensors in Java arrays. Inputs are copied to
 * native memory and outputs back, which is little beside the attention itself; programs whose
 * tensors are in native memory use {@link CpuAttention} and copy nothing.
 */
public final class CpuBackend implements AttentionBackend<FloatTensor> {

  private final CpuAttention attention;

  /**
   * A backend.
   *
   * @param attention instruction set and threads
   */
  public CpuBackend(CpuAttention attention) {
    this.attention = attention;
  }

  @Override
  public String name() {
    return "cpu-" + attention.level().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public AttentionShape shape(FloatTensor query, FloatTensor key) {
    checkArgument(
        query.batch() == key.batch() && query.headDimension() == key.headDimension(),
        "batch and head size of queries %s and keys %s differ",
        query,
        key);
    checkArgument(
        query.headDimension() <= CpuAttention.MAX_HEAD_DIMENSION,
        "the head size must be 1 to %s but is %s",
        CpuAttention.MAX_HEAD_DIMENSION,
        query.headDimension());
    return new AttentionShape(
        query.batch(),
        query.heads(),
        key.heads(),
        query.length(),
        key.length(),
        query.headDimension());
  }

  @Override
  public FloatTensor dense(FloatTensor query, FloatTensor key, FloatTensor value) {
    try (Copies copies = new Copies(query, key, value)) {
      attention.dense(copies.query, copies.key, copies.value(), copies.output());
      return copies.downloadOutput();
    }
  }

  @Override
  public FloatTensor sparse(
      FloatTensor query, FloatTensor key, FloatTensor value, PreparedPattern pattern) {
    SparsePattern blocks = pattern.pattern();
    shape(query, key).checkFits(blocks.grid());
    try (Copies copies = new Copies(query, key, value)) {
      attention.sparse(copies.query, copies.key, copies.value(), copies.output(), blocks);
      return copies.downloadOutput();
    }
  }

  @Override
  public PreparedPattern prepare(SparsePattern pattern) {
    // A call copies the bits, which is nothing beside its work.
    return new HeapPattern(pattern.requireNoEmptyRow());
  }

  @Override
  public void scores(
      FloatTensor query, FloatTensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    try (Copies copies = new Copies(query, key, null)) {
      attention.scores(copies.query, copies.key, request, consumer);
    }
  }

  @Override
  public Selected<FloatTensor> denseAndSelect(
      FloatTensor query,
      FloatTensor key,
      FloatTensor value,
      ScoreRequest request,
      BlockSelector selector) {
    request.checkServes(selector);
    BlockGrid grid = shape(query, key).grid(request.blockSize());
    request.checkFits(grid);
    if (selector.scope() == ScoreScope.NONE) {
      SparsePattern pattern =
          PatternCollector.withoutScores(grid, request.firstGenerationBlock(), selector);
      return new Selected<>(dense(query, key, value), prepare(pattern));
    }
    PatternCollector collector = new PatternCollector(grid, selector);
    try (Copies copies = new Copies(query, key, value)) {
      attention.denseAndScores(
          copies.query, copies.key, copies.value(), copies.output(), request, collector);
      return new Selected<>(copies.downloadOutput(), prepare(collector.finish()));
    }
  }

  @Override
  public Optional<AttentionCost> cost(FloatTensor query) {
    return Optional.of(
        new CpuCostModel(attention.level(), ElementType.FLOAT32, attention.threads()));
  }

  /** The tensors of one call in native memory. */
  private final class Copies implements AutoCloseable {

    private final Workspace workspace = Workspace.take();
    final CpuTensor query;
    final CpuTensor key;
    private final @Nullable CpuTensor value;
    private final @Nullable CpuTensor output;
    private final @Nullable FloatPointer outputMemory;
    private final FloatTensor queryValues;

    Copies(FloatTensor query, FloatTensor key, @Nullable FloatTensor value) {
      boolean ready = false;
      try {
        shape(query, key);
        queryValues = query;
        long queryBytes = (long) query.data().length * Float.BYTES;
        long keyBytes = (long) key.data().length * Float.BYTES;
        long valueBytes = value == null ? 0 : (long) value.data().length * Float.BYTES;
        workspace.reserve(queryBytes, keyBytes, valueBytes, value == null ? 0 : queryBytes);
        this.query = upload(query);
        this.key = upload(key);
        this.value = value == null ? null : upload(value);
        outputMemory = value == null ? null : workspace.floats(query.data().length);
        output = outputMemory == null ? null : view(outputMemory, query);
        ready = true;
      } finally {
        if (!ready) {
          workspace.close();
        }
      }
    }

    private CpuTensor upload(FloatTensor tensor) {
      FloatPointer memory = workspace.floats(tensor.data().length);
      memory.put(tensor.data());
      return view(memory, tensor);
    }

    private static CpuTensor view(FloatPointer memory, FloatTensor tensor) {
      return CpuTensor.contiguous(
          memory,
          ElementType.FLOAT32,
          tensor.batch(),
          tensor.heads(),
          tensor.length(),
          tensor.headDimension());
    }

    CpuTensor value() {
      return present(value);
    }

    CpuTensor output() {
      return present(output);
    }

    FloatTensor downloadOutput() {
      FloatTensor result =
          FloatTensor.zeros(
              queryValues.batch(),
              queryValues.heads(),
              queryValues.length(),
              queryValues.headDimension());
      present(outputMemory).get(result.data());
      return result;
    }

    private static <V> V present(@Nullable V object) {
      if (object == null) {
        throw new AssertionError("no values were given");
      }
      return object;
    }

    @Override
    public void close() {
      workspace.close();
    }
  }
}
