package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // A PointerScope works by being open.
final class TorchBackendFloat32Test extends TorchBackendContract {

  TorchBackendFloat32Test() {
    super(ScalarType.Float);
  }

  @Override
  protected AttentionBackend<Tensor> backend() {
    return new TorchBackend();
  }

  @Override
  protected double tolerance() {
    return 1e-5;
  }

  @Override
  protected int[] headDimensions() {
    return new int[] {16, 40};
  }

  @Override
  protected int[] blockSizes() {
    return new int[] {7, 32, 128};
  }

  /** At 4 bytes per element, blocks as long as asked for would take 256 GB. */
  @Test
  void blocksLongerThanTheSequenceTakeTheMemoryOfTheSequence() {
    Random random = new Random(20251121);
    Tensor query = tensor(TestTensors.normal(random, 1, 4, 20, 16));
    Tensor key = tensor(TestTensors.normal(random, 1, 2, 33, 16));
    Tensor value = tensor(TestTensors.normal(random, 1, 2, 33, 16));
    SparsePattern all = SparsePattern.dense(new BlockGrid(1, 4, 20, 33, 1_000_000_000));
    AttentionCall<Tensor> call = backend().call(query, key, value);
    try (PointerScope scope = new PointerScope()) {
      TestTensors.assertClose(
          download(backend().dense(call)),
          download(backend().sparse(call, all)),
          tolerance(),
          "one block of 20 queries and 33 keys");
    }
    List.of(query, key, value).forEach(this::release);
  }
}
