package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import java.util.Arrays;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** The tokens that the layers of one forward pass compute on; a layer may add to them. */
final class FedRows implements AutoCloseable {

  private final Function<Positions, RotaryTable> tables;
  private LayerInput input;
  private RotaryTable rotary;

  /**
   * The tokens that are fed.
   *
   * @param positions their positions
   * @param hidden their embeddings [tokens, hidden]
   * @param tables makes the rotary table of some positions
   */
  FedRows(Positions positions, Tensor hidden, Function<Positions, RotaryTable> tables) {
    this.tables = tables;
    this.input = new LayerInput(positions, hidden);
    this.rotary = tables.apply(positions);
  }

  /** Lets attention see what a layer computes on, or add to it. */
  void enter(int layer, LayerAttention attention) {
    LayerInput entered = attention.enter(layer, input);
    if (!entered.positions().equals(input.positions())) {
      rotary.close();
      rotary = tables.apply(entered.positions());
    }
    input = entered;
  }

  Tensor hidden() {
    return input.hidden();
  }

  RotaryTable rotary() {
    return rotary;
  }

  /** The indices now of tokens that had indices among the tokens that were fed at first. */
  int[] indices(int[] indices, Positions first) {
    return input.positions().equals(first)
        ? indices
        : Arrays.stream(indices).map(i -> input.positions().indexOf(first.at(i))).toArray();
  }

  @Override
  public void close() {
    rotary.close();
  }
}
