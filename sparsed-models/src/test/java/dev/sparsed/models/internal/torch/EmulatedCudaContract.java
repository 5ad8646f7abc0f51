package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract for the CUDA kernels over LibTorch tensors, on the emulated device. */
abstract class EmulatedCudaContract extends TorchBackendContract {

  private EmulatedCudaTensors tensors;
  private AttentionBackend<Tensor> backend;

  EmulatedCudaContract(ScalarType dtype) {
    super(dtype);
  }

  @BeforeAll
  void startDevice() {
    tensors = new EmulatedCudaTensors();
    backend = new Finishing(new CudaTorchKernels(tensors), tensors);
  }

  @AfterAll
  void stopDevice() {
    if (tensors != null) {
      assertEquals(0, tensors.liveAllocations(), "device memory is left behind");
      tensors.close();
    }
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return backend;
  }

  @Override
  protected List<BlockShape> unequalBlocks() {
    return List.of(new BlockShape(16, 1));
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {16};
  }

  /** Copies results back after each call, as the emulated device is another process. */
  private static final class Finishing implements AttentionBackend<Tensor> {

    private final CudaTorchKernels kernels;
    private final EmulatedCudaTensors tensors;

    Finishing(CudaTorchKernels kernels, EmulatedCudaTensors tensors) {
      this.kernels = kernels;
      this.tensors = tensors;
    }

    private synchronized <R> R finished(Supplier<R> call) {
      try {
        return call.get();
      } finally {
        tensors.finish();
      }
    }

    @Override
    public String name() {
      return kernels.name();
    }

    @Override
    public AttentionTensors tensors() {
      return kernels.tensors();
    }

    @Override
    public Tensor dense(AttentionCall<Tensor> call) {
      return finished(() -> kernels.dense(call));
    }

    @Override
    public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
      return finished(() -> kernels.sparse(call, pattern));
    }

    @Override
    public WithLogSumExp<Tensor> denseWithLogSumExp(AttentionCall<Tensor> call) {
      return finished(() -> kernels.denseWithLogSumExp(call));
    }

    @Override
    public WithLogSumExp<Tensor> sparseWithLogSumExp(
        AttentionCall<Tensor> call, PreparedPattern pattern) {
      return finished(() -> kernels.sparseWithLogSumExp(call, pattern));
    }

    @Override
    public void scores(
        AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
      finished(
          () -> {
            kernels.scores(call, request, consumer);
            return true;
          });
    }

    @Override
    public PreparedPattern selectByScores(AttentionCall<Tensor> call, Selection selection) {
      return finished(() -> kernels.selectByScores(call, selection));
    }

    @Override
    public Selected<Tensor> denseAndSelectByScores(
        AttentionCall<Tensor> call, Selection selection) {
      return finished(() -> kernels.denseAndSelectByScores(call, selection));
    }

    @Override
    public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
      return kernels.cost(query, blocks);
    }
  }
}
