package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.FloatPointer;

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
  public TensorReader<FloatTensor> tensors() {
    return FloatTensor.READER;
  }

  @Override
  public FloatTensor dense(AttentionCall<FloatTensor> call) {
    try (Copies copies = new Copies(call)) {
      attention.dense(copies.call, copies.output);
      return copies.downloadOutput();
    }
  }

  @Override
  public FloatTensor sparse(AttentionCall<FloatTensor> call, PreparedPattern pattern) {
    try (Copies copies = new Copies(call)) {
      attention.sparse(copies.call, pattern, copies.output);
      return copies.downloadOutput();
    }
  }

  @Override
  public WithLogSumExp<FloatTensor> denseWithLogSumExp(AttentionCall<FloatTensor> call) {
    try (Copies copies = new Copies(call)) {
      attention.dense(copies.call, copies.output, copies.logSumExp);
      return copies.downloadBoth();
    }
  }

  @Override
  public WithLogSumExp<FloatTensor> sparseWithLogSumExp(
      AttentionCall<FloatTensor> call, PreparedPattern pattern) {
    try (Copies copies = new Copies(call)) {
      attention.sparse(copies.call, pattern, copies.output, copies.logSumExp);
      return copies.downloadBoth();
    }
  }

  @Override
  public void scores(
      AttentionCall<FloatTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    try (Copies copies = new Copies(call)) {
      attention.scores(copies.call, request, consumer);
    }
  }

  /** Output and scores come from one pass. */
  @Override
  public Selected<FloatTensor> denseAndSelectByScores(
      AttentionCall<FloatTensor> call, Selection selection) {
    try (Copies copies = new Copies(call)) {
      PreparedPattern pattern =
          PreparedPattern.of(
              selection.byScores(
                  consumer ->
                      attention.denseAndScores(
                          copies.call, copies.output, selection.request(), consumer)));
      return Selected.with(pattern, copies::downloadOutput);
    }
  }

  @Override
  public Map<String, String> platform(FloatTensor query, BlockShape blocks) {
    return attention.platform();
  }

  @Override
  public Optional<AttentionBackend.AttentionCost> cost(FloatTensor query, BlockShape blocks) {
    return Optional.of(attention.cost(ElementType.FLOAT32));
  }

  /** The tensors of one call in native memory. */
  private static final class Copies implements AutoCloseable {

    private final Workspace workspace = Workspace.take();
    private final FloatPointer outputMemory;
    private final FloatPointer logSumExpMemory;
    final AttentionCall<CpuTensor> call;
    final CpuTensor output;
    final CpuTensor logSumExp;

    Copies(AttentionCall<FloatTensor> arrays) {
      boolean ready = false;
      try {
        FloatTensor query = arrays.query();
        TensorForm sums = arrays.logSumExpLayout().form();
        long rows = (long) sums.batch() * sums.heads() * sums.length();
        workspace.reserve(
            bytes(query),
            bytes(arrays.key()),
            bytes(arrays.value()),
            bytes(query),
            rows * Float.BYTES);
        call = arrays.map(CpuTensor.READER, this::upload);
        outputMemory = workspace.floats(query.data().length);
        output = view(outputMemory, query);
        logSumExpMemory = workspace.floats(rows);
        logSumExp =
            CpuTensor.contiguous(
                logSumExpMemory, ElementType.FLOAT32, sums.batch(), sums.heads(), sums.length(), 1);
        ready = true;
      } finally {
        if (!ready) {
          workspace.close();
        }
      }
    }

    private static long bytes(FloatTensor tensor) {
      return (long) tensor.data().length * Float.BYTES;
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

    FloatTensor downloadOutput() {
      return download(output, outputMemory);
    }

    WithLogSumExp<FloatTensor> downloadBoth() {
      return new WithLogSumExp<>(downloadOutput(), download(logSumExp, logSumExpMemory));
    }

    private static FloatTensor download(CpuTensor tensor, FloatPointer memory) {
      TensorForm form = tensor.layout().form();
      FloatTensor result =
          FloatTensor.zeros(form.batch(), form.heads(), form.length(), form.headDimension());
      memory.get(result.data());
      return result;
    }

    @Override
    public void close() {
      workspace.close();
    }
  }
}
