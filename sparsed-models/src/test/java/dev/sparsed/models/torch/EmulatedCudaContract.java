package dev.sparsed.models.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import java.util.Optional;
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
    public AttentionShape shape(Tensor query, Tensor key) {
      return kernels.shape(query, key);
    }

    @Override
    public Tensor dense(Tensor query, Tensor key, Tensor value) {
      return finished(() -> kernels.dense(query, key, value));
    }

    @Override
    public PreparedPattern prepare(SparsePattern pattern) {
      return kernels.prepare(pattern);
    }

    @Override
    public Tensor sparse(Tensor query, Tensor key, Tensor value, PreparedPattern pattern) {
      return finished(() -> kernels.sparse(query, key, value, pattern));
    }

    @Override
    public void scores(
        Tensor query, Tensor key, ScoreRequest request, BlockScoreConsumer consumer) {
      finished(
          () -> {
            kernels.scores(query, key, request, consumer);
            return true;
          });
    }

    @Override
    public PreparedPattern select(
        Tensor query, Tensor key, ScoreRequest request, BlockSelector selector) {
      return finished(() -> kernels.select(query, key, request, selector));
    }

    @Override
    public Selected<Tensor> denseAndSelect(
        Tensor query, Tensor key, Tensor value, ScoreRequest request, BlockSelector selector) {
      return finished(() -> kernels.denseAndSelect(query, key, value, request, selector));
    }

    @Override
    public Optional<AttentionCost> cost(Tensor query) {
      return kernels.cost(query);
    }
  }
}
