package dev.sparsed.models.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cuda.CudaAttention;
import dev.sparsed.cuda.DeviceTensor;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorLayout;
import dev.sparsed.text.internal.Loggers;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;

/**
 * The kernels of {@code sparsed-cuda} over LibTorch's CUDA tensors: bf16 and float16 with heads of
 * 64, 96, 128 and 256, and float32, without copies. Work is queued on LibTorch's current stream and
 * not waited for; patterns that a device has selected stay there.
 */
public final class CudaTorchKernels implements AttentionKernels {

  private static final Logger LOG = Loggers.of(CudaTorchKernels.class);

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
  public boolean supports(AttentionCall<Tensor> call) {
    return tensors.reaches(call.query())
        && CudaAttention.supports(call.type(), call.shape().headDimension());
  }

  @Override
  public boolean supportsBlocks(AttentionCall<Tensor> call, BlockShape blocks) {
    return CudaAttention.supports(call.type(), call.shape().headDimension(), blocks);
  }

  /**
   * LibTorch's fused attention serves the steps of full attention: unlike these kernels it has
   * variants for each generation of cards.
   */
  @Override
  public boolean prefersDense(AttentionCall<Tensor> call) {
    return false;
  }

  @Override
  public Tensor dense(AttentionCall<Tensor> call) {
    checkSupported(call);
    return Scoped.result(
        () -> {
          Tensor output = output(call);
          attention(call).dense(views(call), view(output));
          return output;
        });
  }

  @Override
  public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
    checkSupported(call);
    return Scoped.result(
        () -> {
          Tensor output = output(call);
          attention(call).sparse(views(call), pattern, view(output));
          return output;
        });
  }

  @Override
  public WithLogSumExp<Tensor> denseWithLogSumExp(AttentionCall<Tensor> call) {
    checkSupported(call);
    return Scoped.results(
        () -> {
          Tensor output = output(call);
          Tensor sums = LogSumExps.empty(call.query());
          attention(call).dense(views(call), view(output), logSumExp(call, sums));
          return new WithLogSumExp<>(output, sums);
        });
  }

  @Override
  public WithLogSumExp<Tensor> sparseWithLogSumExp(
      AttentionCall<Tensor> call, PreparedPattern pattern) {
    checkSupported(call);
    return Scoped.results(
        () -> {
          Tensor output = output(call);
          Tensor sums = LogSumExps.empty(call.query());
          attention(call).sparse(views(call), pattern, view(output), logSumExp(call, sums));
          return new WithLogSumExp<>(output, sums);
        });
  }

  private DeviceTensor logSumExp(AttentionCall<Tensor> call, Tensor memory) {
    return DeviceTensor.of(tensors.address(memory), call.logSumExpLayout());
  }

  @Override
  public void scores(
      AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    checkSupported(call);
    Scoped.run(() -> attention(call).scores(views(call), request, consumer));
  }

  @Override
  public PreparedPattern selectByScores(AttentionCall<Tensor> call, Selection selection) {
    checkSupported(call);
    PreparedPattern[] result = new PreparedPattern[1];
    Scoped.run(() -> result[0] = attention(call).select(views(call), selection));
    return result[0];
  }

  /** Full attention has every row's log-sum-exp at hand, so that the scores need no pass for it. */
  @Override
  public Selected<Tensor> denseAndSelectByScores(AttentionCall<Tensor> call, Selection selection) {
    checkSupported(call);
    PreparedPattern[] pattern = new PreparedPattern[1];
    try {
      Tensor output =
          Scoped.result(
              () -> {
                AttentionCall<DeviceTensor> views = views(call);
                Tensor result = output(call);
                DeviceTensor logSumExp = logSumExp(call, LogSumExps.empty(call.query()));
                attention(call).dense(views, view(result), logSumExp);
                pattern[0] = attention(call).select(views, selection, logSumExp);
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
  public Map<String, String> platform(Tensor query, BlockShape blocks) {
    return tensors.reaches(query) ? tensors.attention(query).platform() : Map.of();
  }

  @Override
  public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
    return tensors.reaches(query)
        ? Optional.of(
            tensors.attention(query).costBesideFusedAttention(AttentionTensors.type(query)))
        : Optional.empty();
  }

  private void checkSupported(AttentionCall<Tensor> call) {
    checkArgument(
        supports(call), "the CUDA kernels compute no attention over tensors like %s", call);
  }

  /** Queries, keys and values as the kernels read them, for the scope around. */
  private AttentionCall<DeviceTensor> views(AttentionCall<Tensor> call) {
    return call.map(DeviceTensor.READER, tensor -> view(readable(tensor)));
  }

  /** The kernels, on the stream on which LibTorch has queued what writes the operands. */
  private CudaAttention attention(AttentionCall<Tensor> call) {
    return tensors.attention(call.query()).onStream(tensors.stream(call.query()));
  }

  /** Laid out as the queries are, so that what follows attention finds its heads as before. */
  private Tensor output(AttentionCall<Tensor> call) {
    return readable(torch.empty_like(call.query()));
  }

  /** The tensor itself where the kernels can step through it, else a contiguous copy. */
  private Tensor readable(Tensor tensor) {
    ElementType type = AttentionTensors.type(tensor);
    int unit = type == ElementType.FLOAT32 ? 1 : 8;
    boolean ready =
        (tensor.stride(3) == 1 || tensor.size(3) == 1)
            && tensors.address(tensor) % ((long) unit * type.bytes()) == 0
            && (tensor.size(2) == 1 || tensor.stride(2) >= tensor.size(3));
    for (int i = 0; i < 3; i++) {
      ready &= tensor.size(i) == 1 || tensor.stride(i) % unit == 0;
    }
    return ready ? tensor : tensor.clone().contiguous();
  }

  private DeviceTensor view(Tensor tensor) {
    return DeviceTensor.of(
        tensors.address(tensor),
        new TensorLayout(
            AttentionTensors.READER.form(tensor),
            tensor.stride(0),
            tensor.stride(1),
            tensor.stride(2)));
  }
}
