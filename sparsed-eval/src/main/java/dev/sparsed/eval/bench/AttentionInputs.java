package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionShape;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Random queries, keys and values whose attention looks like a language model's: each query block
 * is drawn to the first block, to its neighbours and to a few blocks elsewhere, so that scores have
 * something to rank. Without that every block would weigh the same and the pattern be noise.
 *
 * @param query queries [1, H, S, D]
 * @param key keys [1, Hkv, S, D]
 * @param value values [1, Hkv, S, D]
 */
record AttentionInputs(Tensor query, Tensor key, Tensor value) implements AutoCloseable {

  /** Strength of what a block's tokens have in common, against noise of deviation 1. */
  private static final double COMMON = 0.6;

  private static final int FAR_BLOCKS = 4;

  @SuppressWarnings("try")
  static AttentionInputs of(AttentionSetup setup) {
    AttentionShape shape = setup.shape();
    int length = shape.keyLength();
    int blocks = setup.grid().keyBlocks();
    Random random = new Random(setup.seed());
    torch.manual_seed(setup.seed());
    try (PointerScope scope = new PointerScope()) {
      // One direction per key block and key/value head, [Hkv, n, D].
      Tensor directions = torch.randn(shape.kvHeads(), blocks, shape.headDimension());
      Tensor wanted = directions.clone();
      for (int far = 0; far < FAR_BLOCKS; far++) {
        wanted = wanted.add(directions.index_select(1, neighbours(blocks, far, random)));
      }
      Tensor key =
          noise(shape.kvHeads(), shape).add(perToken(directions, setup.blockSize(), length));
      Tensor query =
          noise(shape.heads(), shape)
              .add(
                  torch.repeat_interleave(
                      perToken(wanted, setup.blockSize(), length),
                      shape.heads() / shape.kvHeads(),
                      new LongOptional(0),
                      new LongOptional()));
      Tensor value = noise(shape.kvHeads(), shape);
      return new AttentionInputs(kept(query, setup), kept(key, setup), kept(value, setup));
    }
  }

  /** For each block another one that its queries look at: the first, the last but one, any. */
  private static Tensor neighbours(int blocks, int far, Random random) {
    long[] others = new long[blocks];
    for (int block = 0; block < blocks; block++) {
      others[block] =
          switch (far) {
            case 0 -> 0;
            case 1 -> Math.max(0, block - 1);
            default -> random.nextInt(blocks);
          };
    }
    return Tensor.create(others);
  }

  /** [heads, n, D] to [heads, S, D], scaled. */
  private static Tensor perToken(Tensor perBlock, int blockSize, int length) {
    try (Scalar common = new Scalar(COMMON)) {
      return torch
          .repeat_interleave(
              perBlock.mul(common), blockSize, new LongOptional(1), new LongOptional())
          .narrow(1, 0, length);
    }
  }

  private static Tensor noise(int heads, AttentionShape shape) {
    return torch.randn(heads, shape.keyLength(), shape.headDimension());
  }

  /**
   * Adds the batch dimension, converts, moves to the device, and keeps the tensor beyond the scope.
   */
  private static Tensor kept(Tensor tensor, AttentionSetup setup) {
    try (Device device = setup.device().handle()) {
      return tensor
          .unsqueeze(0)
          .to(device, setup.precision().scalarType())
          .contiguous()
          .retainReference();
    }
  }

  @Override
  public void close() {
    query.close();
    key.close();
    value.close();
  }
}
