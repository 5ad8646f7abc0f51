package dev.sparsed.models.cache;

import dev.sparsed.models.torch.HostArrays;
import dev.sparsed.models.torch.Scoped;
import dev.sparsed.models.transformer.TokenRange;
import java.util.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Keys and values of one layer: the kept tokens' and, in a part that every step overwrites, the fed
 * tokens'. One tensor holds both, so that no step copies what is kept.
 */
final class LayerCache implements AutoCloseable {

  private final Tensor keys;
  private final Tensor values;
  private final int fedAt;
  private final boolean evicted;

  private LayerCache(Tensor keys, Tensor values, int fedAt, boolean evicted) {
    keys.retainReference();
    values.retainReference();
    this.keys = keys;
    this.values = values;
    this.fedAt = fedAt;
    this.evicted = evicted;
  }

  /** Keeps the keys and values of a whole sequence as they are, without a copy. */
  static LayerCache whole(Tensor key, Tensor value, int firstFed) {
    return new LayerCache(key, value, firstFed, false);
  }

  /** Keeps some tokens outside a block, followed by room for the block itself. */
  static LayerCache compact(Tensor key, Tensor value, int[] kept, TokenRange block) {
    int[] positions =
        Arrays.stream(kept).map(i -> i < block.from() ? i : i + block.length()).toArray();
    return new LayerCache(
        gather(key, positions, block.length()),
        gather(value, positions, block.length()),
        kept.length,
        true);
  }

  private static Tensor gather(Tensor tokens, int[] positions, int room) {
    return Scoped.result(
        () -> {
          Tensor result =
              torch.empty(
                  new long[] {
                    tokens.size(0), tokens.size(1), (long) positions.length + room, tokens.size(3)
                  },
                  tokens.options(),
                  new MemoryFormatOptional());
          if (positions.length > 0) {
            try (Device device = tokens.device()) {
              Tensor index = HostArrays.toTensor(positions, device);
              result.narrow(2, 0, positions.length).copy_(tokens.index_select(2, index));
            }
          }
          return result;
        });
  }

  /** Replaces the fed tokens' keys and values [1, Hkv, fed, D]. */
  void write(Tensor key, Tensor value) {
    Scoped.run(
        () -> {
          keys.narrow(2, fedAt, key.size(2)).copy_(key);
          values.narrow(2, fedAt, value.size(2)).copy_(value);
        });
  }

  /** Rotated keys [1, Hkv, kept and fed, D]. */
  Tensor keys() {
    return keys;
  }

  /** Values [1, Hkv, kept and fed, D]. */
  Tensor values() {
    return values;
  }

  /** Whether tokens were dropped, so that an index in this cache is no position. */
  boolean evicted() {
    return evicted;
  }

  long bytes() {
    return keys.nbytes() + values.nbytes();
  }

  @Override
  public void close() {
    keys.close();
    values.close();
  }
}
