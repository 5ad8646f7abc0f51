package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Core's attention backend over this library's own device tensors, on one stream. Full attention is
 * cuDNN's where it is on the machine and accepts the tensors, and the sparse kernel's without a
 * list of blocks otherwise. Outputs are new tensors that the caller closes.
 */
public final class CudaBackend implements AttentionBackend<CudaTensor> {

  private final CudaAttention attention;
  private final long stream;

  /**
   * A backend on the device's default stream.
   *
   * @param attention the kernels of the device
   */
  public CudaBackend(CudaAttention attention) {
    this(attention, 0);
  }

  /**
   * A backend on a stream.
   *
   * @param attention the kernels of the device
   * @param stream the {@code CUstream} handle; 0 is the default stream
   */
  public CudaBackend(CudaAttention attention, long stream) {
    this.attention = attention;
    this.stream = stream;
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
    return CudaTensor.upload(attention, values, type, stream);
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public AttentionShape shape(CudaTensor query, CudaTensor key) {
    checkArgument(
        query.attention() == attention && key.attention() == attention,
        "queries %s and keys %s must be tensors of this backend's device",
        query,
        key);
    return CudaAttention.shape(query.view(), key.view());
  }

  @Override
  public CudaTensor dense(CudaTensor query, CudaTensor key, CudaTensor value) {
    return dense(query, key, value, OptionalLong.empty());
  }

  private CudaTensor dense(
      CudaTensor query, CudaTensor key, CudaTensor value, OptionalLong logSumExp) {
    shape(query, key);
    CudaTensor output = outputFor(query);
    try {
      Optional<String> refusal =
          attention.denseByCudnn(
              query.view(), key.view(), value.view(), output.view(), logSumExp, stream);
      if (refusal.isPresent()) {
        attention.dense(query.view(), key.view(), value.view(), output.view(), logSumExp, stream);
      }
      return output;
    } catch (RuntimeException | Error e) {
      output.close();
      throw e;
    }
  }

  @Override
  public PreparedPattern prepare(SparsePattern pattern) {
    return attention.upload(pattern, stream);
  }

  @Override
  public CudaTensor sparse(
      CudaTensor query, CudaTensor key, CudaTensor value, PreparedPattern pattern) {
    shape(query, key);
    DevicePattern devicePattern = devicePattern(pattern);
    CudaTensor output = outputFor(query);
    try {
      attention.sparse(
          query.view(),
          key.view(),
          value.view(),
          devicePattern,
          output.view(),
          OptionalLong.empty(),
          stream);
      return output;
    } catch (RuntimeException | Error e) {
      output.close();
      throw e;
    }
  }

  @Override
  public void scores(
      CudaTensor query, CudaTensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    shape(query, key);
    attention.scores(query.view(), key.view(), request, consumer, OptionalLong.empty(), stream);
  }

  @Override
  public PreparedPattern select(
      CudaTensor query, CudaTensor key, ScoreRequest request, BlockSelector selector) {
    shape(query, key);
    return attention.select(
        query.view(), key.view(), request, selector, OptionalLong.empty(), stream);
  }

  @Override
  public Selected<CudaTensor> denseAndSelect(
      CudaTensor query,
      CudaTensor key,
      CudaTensor value,
      ScoreRequest request,
      BlockSelector selector) {
    AttentionShape shape = shape(query, key);
    if (selector.scope() == ScoreScope.NONE) {
      return AttentionBackend.super.denseAndSelect(query, key, value, request, selector);
    }
    // Full attention has every row's log-sum-exp at hand; the scores need no pass for it.
    long bytes = (long) shape.batch() * shape.heads() * shape.queryLength() * Float.BYTES;
    try (DeviceMemory logSumExp = DeviceMemory.allocate(attention.driver(), bytes, stream)) {
      OptionalLong address = OptionalLong.of(logSumExp.address());
      CudaTensor output = dense(query, key, value, address);
      try {
        return new Selected<>(
            output, attention.select(query.view(), key.view(), request, selector, address, stream));
      } catch (RuntimeException | Error e) {
        output.close();
        throw e;
      }
    }
  }

  @Override
  public Optional<AttentionCost> cost(CudaTensor query) {
    return Optional.of(
        new CudaCostModel(attention.device(), query.view().type(), CudaCostModel.Dense.OWN_KERNEL));
  }

  private CudaTensor outputFor(CudaTensor query) {
    DeviceTensor view = query.view();
    return CudaTensor.allocate(
        attention,
        view.type(),
        view.batch(),
        view.heads(),
        view.length(),
        view.headDimension(),
        stream);
  }

  private static DevicePattern devicePattern(PreparedPattern pattern) {
    checkArgument(
        pattern instanceof DevicePattern,
        "the pattern was prepared by another backend: %s",
        pattern.getClass().getSimpleName());
    return (DevicePattern) pattern;
  }
}
