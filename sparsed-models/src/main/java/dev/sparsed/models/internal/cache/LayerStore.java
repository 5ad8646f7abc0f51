package dev.sparsed.models.internal.cache;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Keys and values of some tokens of one layer [1, Hkv, tokens, D], in the order of positions. */
final class LayerStore implements AutoCloseable {

  private final Positions positions;
  private final Tensor keys;
  private final Tensor values;

  /** Keeps keys and values as they are, without a copy. */
  LayerStore(Positions positions, Tensor keys, Tensor values) {
    keys.retainReference();
    values.retainReference();
    this.positions = positions;
    this.keys = keys;
    this.values = values;
  }

  /**
   * Keys and values with those of some tokens replaced or added: in place where there is room, so
   * that no step copies what is kept.
   *
   * @return this, or a new one, whereupon this is to be closed
   */
  LayerStore with(Positions fed, Tensor key, Tensor value) {
    if (fed.size() >= positions.size() && fed.containsAll(positions)) {
      return new LayerStore(fed, key, value);
    }
    if (positions.containsAll(fed)) {
      write(fed, key, value);
      return this;
    }
    Positions all = positions.union(fed);
    LayerStore grown = empty(all);
    grown.write(positions, keys, values);
    grown.write(fed, key, value);
    return grown;
  }

  /** Replaces the keys and values of tokens that are here. */
  void write(Positions fed, Tensor key, Tensor value) {
    int first = positions.indexOf(fed.first());
    int last = positions.indexOf(fed.last());
    Scoped.run(
        () -> {
          if (last - first == fed.size() - 1) {
            keys.narrow(2, first, fed.size()).copy_(key);
            values.narrow(2, first, fed.size()).copy_(value);
          } else {
            try (Device device = keys.device()) {
              long[] indices = fed.stream().mapToLong(positions::indexOf).toArray();
              Tensor index = HostArrays.toTensor(indices, device);
              keys.index_copy_(2, index, key);
              values.index_copy_(2, index, value);
            }
          }
        });
  }

  /** A copy of the keys and values of some of the tokens. */
  LayerStore only(Positions some) {
    LayerStore copy = empty(some);
    if (!some.isEmpty()) {
      Scoped.run(
          () -> {
            Tensor index = index(some);
            copy.keys.copy_(keys.index_select(2, index));
            copy.values.copy_(values.index_select(2, index));
          });
    }
    return copy;
  }

  /** Keys of some of the tokens. */
  Tensor keys(Positions some) {
    return Scoped.result(() -> keys.index_select(2, index(some)));
  }

  /** Values of some of the tokens. */
  Tensor values(Positions some) {
    return Scoped.result(() -> values.index_select(2, index(some)));
  }

  private Tensor index(Positions some) {
    try (Device device = keys.device()) {
      int[] indices = new int[some.size()];
      Arrays.setAll(indices, i -> positions.indexOf(some.at(i)));
      return HostArrays.toTensor(indices, device);
    }
  }

  private LayerStore empty(Positions some) {
    return new LayerStore(some, empty(keys, some.size()), empty(values, some.size()));
  }

  private static Tensor empty(Tensor like, int tokens) {
    return torch.empty(
        new long[] {like.size(0), like.size(1), tokens, like.size(3)},
        like.options(),
        new MemoryFormatOptional());
  }

  Positions positions() {
    return positions;
  }

  /** Rotated keys. */
  Tensor keys() {
    return keys;
  }

  Tensor values() {
    return values;
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
