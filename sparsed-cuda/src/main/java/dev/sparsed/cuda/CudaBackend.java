package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

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
import dev.sparsed.tensor.TensorLayout;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Core's attention backend over this library's own device tensors, on one stream. Full attention is
 * cuDNN's where it is on the machine and accepts the tensors, and the sparse kernel's without a
 * list of blocks otherwise. Outputs are new tensors that the caller closes.
 */
public final class CudaBackend implements AttentionBackend<CudaTensor> {

  private final CudaAttention attention;

  /**
   * A backend.
   *
   * @param attention the kernels of the device, on the stream to queue on
   */
  public CudaBackend(CudaAttention attention) {
    this.attention = attention;
  }

  /**
   * Copies a tensor to the device.
   *
   * @param values the elements
   * @param type element type on the device; elements are rounded to nearest even
   * @return the tensor, to be closed by the caller
   * @throws CudaException if memory is short or the copy fails
   */
  public CudaTensor upload(FloatTensor values, ElementType type) {
    return CudaTensor.upload(attention.queue(), values, type);
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public TensorReader<CudaTensor> tensors() {
    return CudaTensor.READER;
  }

  private AttentionCall<DeviceTensor> views(AttentionCall<CudaTensor> call) {
    checkArgument(
        call.query().kernels() == attention.queue().kernels(),
        "%s is not on this backend's device %s",
        call.query(),
        attention.device().name());
    return call.map(DeviceTensor.READER, CudaTensor::view);
  }

  @Override
  public CudaTensor dense(AttentionCall<CudaTensor> call) {
    AttentionCall<DeviceTensor> views = views(call);
    return written(
        call,
        output -> {
          if (attention.denseByCudnn(views, output).isPresent()) {
            attention.dense(views, output);
          }
        });
  }

  @Override
  public CudaTensor sparse(AttentionCall<CudaTensor> call, PreparedPattern pattern) {
    AttentionCall<DeviceTensor> views = views(call);
    return written(call, output -> attention.sparse(views, pattern, output));
  }

  @Override
  public WithLogSumExp<CudaTensor> denseWithLogSumExp(AttentionCall<CudaTensor> call) {
    AttentionCall<DeviceTensor> views = views(call);
    return writtenWithLogSumExp(call, (output, sums) -> dense(views, output, sums));
  }

  @Override
  public WithLogSumExp<CudaTensor> sparseWithLogSumExp(
      AttentionCall<CudaTensor> call, PreparedPattern pattern) {
    AttentionCall<DeviceTensor> views = views(call);
    return writtenWithLogSumExp(
        call, (output, sums) -> attention.sparse(views, pattern, output, sums));
  }

  private void dense(
      AttentionCall<DeviceTensor> views, DeviceTensor output, DeviceTensor logSumExp) {
    if (attention.denseByCudnn(views, output, logSumExp).isPresent()) {
      attention.dense(views, output, logSumExp);
    }
  }

  @Override
  public void scores(
      AttentionCall<CudaTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    attention.scores(views(call), request, consumer);
  }

  @Override
  public PreparedPattern selectByScores(AttentionCall<CudaTensor> call, Selection selection) {
    return attention.select(views(call), selection);
  }

  /** Full attention has every row's log-sum-exp at hand; the scores need no pass for it. */
  @Override
  public Selected<CudaTensor> denseAndSelectByScores(
      AttentionCall<CudaTensor> call, Selection selection) {
    AttentionCall<DeviceTensor> views = views(call);
    TensorLayout layout = call.logSumExpLayout();
    try (DeviceMemory memory = attention.queue().allocate(layout.span() * Float.BYTES)) {
      DeviceTensor logSumExp = DeviceTensor.of(memory.address(), layout);
      CudaTensor output = written(call, view -> dense(views, view, logSumExp));
      try {
        return new Selected<>(output, attention.select(views, selection, logSumExp));
      } catch (RuntimeException | Error e) {
        output.close();
        throw e;
      }
    }
  }

  @Override
  public Map<String, String> platform(CudaTensor query, BlockShape blocks) {
    return attention.platform();
  }

  @Override
  public Optional<AttentionBackend.AttentionCost> cost(CudaTensor query, BlockShape blocks) {
    return Optional.of(attention.cost(CudaTensor.READER.form(query).type()));
  }

  private WithLogSumExp<CudaTensor> writtenWithLogSumExp(
      AttentionCall<CudaTensor> call, BiConsumer<DeviceTensor, DeviceTensor> writer) {
    CudaTensor sums = CudaTensor.allocate(attention.queue(), call.logSumExpLayout().form());
    try {
      return new WithLogSumExp<>(written(call, output -> writer.accept(output, sums.view())), sums);
    } catch (RuntimeException | Error e) {
      sums.close();
      throw e;
    }
  }

  /** A new tensor for a call's output, released if the call that writes it fails. */
  private CudaTensor written(AttentionCall<CudaTensor> call, Consumer<DeviceTensor> writer) {
    CudaTensor output = CudaTensor.allocate(attention.queue(), call.queryForm());
    try {
      writer.accept(output.view());
      return output;
    } catch (RuntimeException | Error e) {
      output.close();
      throw e;
    }
  }
}
