package dev.sparsed.models.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cuda.CudaAttention;
import dev.sparsed.cuda.CudaCostModel;
import dev.sparsed.cuda.DeviceTensor;
import dev.sparsed.cuda.ElementType;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.text.internal.Loggers;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;

/**
 * The kernels of {@code sparsed-cuda} over LibTorch's CUDA tensors: bf16 and float16 with heads of
 * 64, 96, 128 and 256, and float32, without copies. Work is queued on LibTorch's current stream and
 * not waited for; patterns that a device has selected stay there.
 */
public final class CudaTorchKernels implements AttentionKernels {

  private static final Logger LOG = Loggers.of(CudaTorchKernels.class);

  /** There are kernels for it with every type and head size that there are kernels for. */
  private static final int ANY_BLOCK_SIZE = 128;

  private final CudaTensors tensors;

  CudaTorchKernels(CudaTensors tensors) {
    this.tensors = tensors;
  }

  /**
   * The kernels, where both LibTorch and they can use a card of this machine. Nothing of CUDA is
   * loaded where LibTorch sees no card.
   *
   * @return the kernels, or empty; where LibTorch has a card but they have not, the log says why
   */
  public static Optional<CudaTorchKernels> find() {
    Optional<String> problem = unavailableReason();
    if (problem.isPresent()) {
      if (torch.cuda_is_available()) {
        LOG.warn("attention on the card is left to LibTorch: {}", problem.get());
      }
      return Optional.empty();
    }
    return Optional.of(new CudaTorchKernels(new LibTorchCuda()));
  }

  /**
   * Why these kernels cannot be used with the LibTorch at hand, which must be loadable.
   *
   * @return what is missing, or empty if they can
   */
  public static Optional<String> unavailableReason() {
    return LibTorchCuda.problem();
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public boolean supports(Tensor query, Tensor key) {
    return tensors.reaches(query)
        && CudaAttention.supports(type(query), (int) query.size(3), ANY_BLOCK_SIZE);
  }

  @Override
  public boolean supportsBlocks(Tensor query, int blockSize) {
    return CudaAttention.supports(type(query), (int) query.size(3), blockSize);
  }

  /**
   * LibTorch's fused attention serves the steps of full attention: unlike these kernels it has
   * variants for each generation of cards.
   */
  @Override
  public boolean prefersDense(Tensor query, Tensor key) {
    return false;
  }

  @Override
  public AttentionShape shape(Tensor query, Tensor key) {
    AttentionShape shape = AttentionTensors.shape(query, key);
    checkArgument(
        supports(query, key),
        "the CUDA kernels compute no attention over %s tensors like %s",
        type(query),
        shape);
    return shape;
  }

  @Override
  public Tensor dense(Tensor query, Tensor key, Tensor value) {
    checkFit(query, key, value);
    return Scoped.result(() -> new Call(query, key).dense(value, OptionalLong.empty()));
  }

  @Override
  public PreparedPattern prepare(SparsePattern pattern) {
    return CudaTorchPattern.of(pattern);
  }

  @Override
  public Tensor sparse(Tensor query, Tensor key, Tensor value, PreparedPattern pattern) {
    checkArgument(
        pattern instanceof CudaTorchPattern,
        "the pattern was prepared by another backend: %s",
        pattern.getClass().getSimpleName());
    checkFit(query, key, value).checkFits(pattern.grid());
    checkBlocks(query, pattern.grid().blockSize());
    return Scoped.result(() -> new Call(query, key).sparse(value, (CudaTorchPattern) pattern));
  }

  @Override
  public void scores(Tensor query, Tensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    checkServes(shape(query, key), query, request);
    Scoped.run(() -> new Call(query, key).scores(request, consumer));
  }

  @Override
  public PreparedPattern select(
      Tensor query, Tensor key, ScoreRequest request, BlockSelector selector) {
    request.checkServes(selector);
    checkServes(shape(query, key), query, request);
    PreparedPattern[] result = new PreparedPattern[1];
    Scoped.run(() -> result[0] = new Call(query, key).select(request, selector));
    return result[0];
  }

  /** Full attention has every row's log-sum-exp at hand, so that the scores need no pass for it. */
  @Override
  public Selected<Tensor> denseAndSelect(
      Tensor query, Tensor key, Tensor value, ScoreRequest request, BlockSelector selector) {
    request.checkServes(selector);
    checkServes(checkFit(query, key, value), query, request);
    PreparedPattern[] pattern = new PreparedPattern[1];
    try {
      Tensor output =
          Scoped.result(
              () -> {
                Call call = new Call(query, key);
                if (selector.scope() == ScoreScope.NONE) {
                  pattern[0] = call.select(request, selector);
                  return call.dense(value, OptionalLong.empty());
                }
                Tensor sums = call.rowSums();
                OptionalLong address = OptionalLong.of(tensors.address(sums));
                Tensor result = call.dense(value, address);
                pattern[0] = call.select(request, selector, address);
                return result;
              });
      return new Selected<>(output, pattern[0]);
    } catch (RuntimeException | Error e) {
      if (pattern[0] != null) {
        pattern[0].close();
      }
      throw e;
    }
  }

  @Override
  public Optional<AttentionCost> cost(Tensor query) {
    return tensors.reaches(query)
        ? Optional.of(
            new CudaCostModel(
                tensors.attention(query).device(), type(query), CudaCostModel.Dense.FUSED_LIBRARY))
        : Optional.empty();
  }

  private AttentionShape checkFit(Tensor query, Tensor key, Tensor value) {
    shape(query, key);
    return AttentionTensors.shape(query, key, value);
  }

  private static void checkServes(AttentionShape shape, Tensor query, ScoreRequest request) {
    BlockGrid grid = shape.grid(request.blockSize());
    request.checkFits(grid);
    checkBlocks(query, request.blockSize());
  }

  private static void checkBlocks(Tensor query, int blockSize) {
    checkArgument(
        CudaAttention.supports(type(query), (int) query.size(3), blockSize),
        "there is no CUDA kernel for %s tensors with blocks of %s tokens",
        type(query),
        blockSize);
  }

  private static ElementType type(Tensor tensor) {
    return switch (tensor.scalar_type().intern()) {
      case BFloat16 -> ElementType.BFLOAT16;
      case Half -> ElementType.FLOAT16;
      default -> ElementType.FLOAT32;
    };
  }

  /** Queries and keys as the kernels read them, and where to queue. Lives within one scope. */
  private final class Call {

    private final Tensor queryTensor;
    private final DeviceTensor query;
    private final DeviceTensor key;
    private final CudaAttention attention;
    private final long stream;

    Call(Tensor query, Tensor key) {
      this.queryTensor = readable(query);
      this.query = view(queryTensor);
      this.key = view(readable(key));
      this.attention = tensors.attention(query);
      this.stream = tensors.stream(query);
    }

    Tensor dense(Tensor value, OptionalLong logSumExp) {
      Tensor output = output();
      attention.dense(query, key, view(readable(value)), view(output), logSumExp, stream);
      return output;
    }

    Tensor sparse(Tensor value, CudaTorchPattern pattern) {
      Tensor output = output();
      attention.sparse(
          query,
          key,
          view(readable(value)),
          pattern.on(attention, stream),
          view(output),
          OptionalLong.empty(),
          stream);
      return output;
    }

    void scores(ScoreRequest request, BlockScoreConsumer consumer) {
      attention.scores(query, key, request, consumer, OptionalLong.empty(), stream);
    }

    CudaTorchPattern select(ScoreRequest request, BlockSelector selector) {
      return select(request, selector, OptionalLong.empty());
    }

    CudaTorchPattern select(ScoreRequest request, BlockSelector selector, OptionalLong logSumExp) {
      return CudaTorchPattern.of(
          attention, attention.select(query, key, request, selector, logSumExp, stream));
    }

    /** Memory for a float32 per query [B, H, queryLength]. */
    Tensor rowSums() {
      return queryTensor.new_empty(
          new long[] {queryTensor.size(0), queryTensor.size(1), queryTensor.size(2)},
          queryTensor.options().dtype(new ScalarTypeOptional(ScalarType.Float)));
    }

    private Tensor output() {
      return torch.empty_like(queryTensor);
    }
  }

  /** The tensor itself where the kernels can step through it, else a contiguous copy. */
  private Tensor readable(Tensor tensor) {
    int unit = type(tensor) == ElementType.FLOAT32 ? 1 : 8;
    boolean ready =
        (tensor.stride(3) == 1 || tensor.size(3) == 1)
            && tensors.address(tensor) % ((long) unit * type(tensor).bytes()) == 0
            && (tensor.size(2) == 1 || tensor.stride(2) >= tensor.size(3));
    for (int i = 0; i < 3; i++) {
      ready &= tensor.size(i) == 1 || tensor.stride(i) % unit == 0;
    }
    return ready ? tensor : tensor.clone().contiguous();
  }

  private DeviceTensor view(Tensor tensor) {
    return new DeviceTensor(
        tensors.address(tensor),
        type(tensor),
        (int) tensor.size(0),
        (int) tensor.size(1),
        (int) tensor.size(2),
        (int) tensor.size(3),
        tensor.stride(0),
        tensor.stride(1),
        tensor.stride(2));
  }
}
