package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.tensor.ElementType;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

final class KernelAttentionTest extends TorchBackendContract {

  KernelAttentionTest() {
    super(ScalarType.Float);
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return KernelAttention.standard();
  }

  @Test
  void usesAsManyThreadsAsTold() {
    assumeTrue(CpuKernels.isAvailable(), () -> CpuKernels.unavailableReason().orElse(""));
    try (Tensor query = torch.ones(1, 1, 1, 64)) {
      AttentionBackend.AttentionCost cost =
          KernelAttention.standard(3).cost(query, BlockShape.square(128)).orElseThrow();
      assertEquals(CpuAttention.of(CpuKernels.fastest(), 3).cost(ElementType.FLOAT32), cost);
    }
  }

  @Test
  void pricesTheKernelsThatComputeTheBlocks() {
    AttentionBackend.AttentionCost ofKernels = new OtherCost();
    KernelAttention attention =
        new KernelAttention(List.of(new LargeBlocks(ofKernels)), new TorchBackend());
    try (Tensor query = torch.ones(1, 1, 1, 64)) {
      assertEquals(Optional.of(ofKernels), attention.cost(query, BlockShape.square(64)));
      assertEquals(Optional.of(new TorchCost()), attention.cost(query, BlockShape.square(32)));
    }
  }

  private record OtherCost() implements AttentionBackend.AttentionCost {
    @Override
    public double denseSeconds(AttentionShape shape) {
      return 1;
    }

    @Override
    public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
      return 1;
    }

    @Override
    public double selectSeconds(AttentionShape shape, BlockShape blocks) {
      return 1;
    }
  }

  /** Kernels for blocks of 64 tokens and more. */
  private record LargeBlocks(AttentionBackend.AttentionCost price) implements AttentionKernels {
    private static final TorchBackend TORCH = new TorchBackend();

    @Override
    public String name() {
      return "large-blocks";
    }

    @Override
    public boolean supports(AttentionCall<Tensor> call) {
      return true;
    }

    @Override
    public boolean supportsBlocks(AttentionCall<Tensor> call, BlockShape blocks) {
      return blocks.queryTokens() >= 64;
    }

    @Override
    public boolean prefersDense(AttentionCall<Tensor> call) {
      return false;
    }

    @Override
    public Tensor dense(AttentionCall<Tensor> call) {
      return TORCH.dense(call);
    }

    @Override
    public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
      return TORCH.sparse(call, pattern);
    }

    @Override
    public WithLogSumExp<Tensor> denseWithLogSumExp(AttentionCall<Tensor> call) {
      return TORCH.denseWithLogSumExp(call);
    }

    @Override
    public WithLogSumExp<Tensor> sparseWithLogSumExp(
        AttentionCall<Tensor> call, PreparedPattern pattern) {
      return TORCH.sparseWithLogSumExp(call, pattern);
    }

    @Override
    public void scores(
        AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
      TORCH.scores(call, request, consumer);
    }

    @Override
    public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
      return Optional.of(price);
    }
  }

  @Override
  protected double tolerance() {
    return 1e-5;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {16};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {32};
  }
}
