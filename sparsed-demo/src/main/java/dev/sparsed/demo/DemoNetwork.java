package dev.sparsed.demo;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.rms_norm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;

import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;

/**
 * LLaDA's network with gradients, as little of it as training needs. Parameters bear the names they
 * have in a LLaDA checkpoint. Inference is the business of {@code dev.sparsed.models}.
 */
final class DemoNetwork {

  private final DemoShape shape;
  private final Tensor cosine;
  private final Tensor sine;
  private final Map<String, Tensor> parameters;

  /**
   * A network.
   *
   * @param shape its sizes
   * @param parameters its parameters under their names in a checkpoint; the network's from now on
   */
  DemoNetwork(DemoShape shape, Map<String, Tensor> parameters) {
    this.shape = shape;
    this.cosine = table(shape, Math::cos);
    this.sine = table(shape, Math::sin);
    this.parameters = parameters;
    parameters.values().forEach(tensor -> tensor.requires_grad_(true));
  }

  /** The parameters under their names in a checkpoint; the tensors stay the network's. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  /**
   * Logits at some places. Only there the head is computed.
   *
   * @param tokens token ids [B, S], int64
   * @param positions where each token stands [B, S], int64, below {@link DemoShape#MOST_POSITIONS}
   * @param places indices into the flattened [B * S], int64 [P]
   * @return logits [P, vocabulary]
   */
  Tensor logits(Tensor tokens, Tensor positions, Tensor places) {
    Tensor cosine = angles(this.cosine, positions);
    Tensor sine = angles(this.sine, positions);
    Tensor hidden = embedding(parameter("wte"), tokens);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "blocks." + layer + ".";
      hidden = hidden.add(attention(block, norm(block + "attn_norm", hidden), cosine, sine));
      hidden = hidden.add(feedForward(block, norm(block + "ff_norm", hidden)));
    }
    Tensor read = hidden.reshape(-1, shape.width()).index_select(0, places);
    return linear(norm("ln_f", read), parameter("wte"));
  }

  private Tensor attention(String block, Tensor input, Tensor cosine, Tensor sine) {
    Tensor query = rotate(heads(linear(input, parameter(block + "q_proj"))), cosine, sine);
    Tensor key = rotate(heads(linear(input, parameter(block + "k_proj"))), cosine, sine);
    Tensor value = heads(linear(input, parameter(block + "v_proj")));
    // Tiled on the processor: no [S, S] is ever held.
    Tensor output = scaled_dot_product_attention(query, key, value);
    return linear(output.transpose(1, 2).reshape(input.sizes()), parameter(block + "attn_out"));
  }

  private Tensor feedForward(String block, Tensor input) {
    Tensor gate = silu(linear(input, parameter(block + "ff_proj")));
    return linear(
        gate.mul(linear(input, parameter(block + "up_proj"))), parameter(block + "ff_out"));
  }

  /** [B, S, width] to [B, H, S, D]. */
  private Tensor heads(Tensor states) {
    return states
        .reshape(states.size(0), states.size(1), shape.heads(), shape.headDimension())
        .transpose(1, 2);
  }

  private Tensor norm(String name, Tensor input) {
    return rms_norm(
        input,
        new long[] {shape.width()},
        new TensorOptional(parameter(name)),
        new DoubleOptional(DemoShape.NORM_EPSILON));
  }

  private Tensor parameter(String name) {
    return Objects.requireNonNull(parameters.get(DemoStart.name(name)));
  }

  /** Turns the rotary pairs of [B, H, S, D], which are its halves, by [B, 1, S, D / 2]. */
  private static Tensor rotate(Tensor states, Tensor cosine, Tensor sine) {
    long half = states.size(3) / 2;
    Tensor first = states.narrow(3, 0, half);
    Tensor second = states.narrow(3, half, half);
    Tensor turnedFirst = first.mul(cosine).sub(second.mul(sine));
    Tensor turnedSecond = second.mul(cosine).add(first.mul(sine));
    return cat(new TensorVector(turnedFirst, turnedSecond), -1);
  }

  /** Rows of a table for positions [B, S], as [B, 1, S, D / 2]. */
  private static Tensor angles(Tensor table, Tensor positions) {
    return table
        .index_select(0, positions.reshape(-1))
        .reshape(positions.size(0), 1, positions.size(1), table.size(1));
  }

  /** A function of the rotary angle by position and pair, [S, D / 2]. */
  private static Tensor table(DemoShape shape, DoubleUnaryOperator function) {
    int half = shape.headDimension() / 2;
    float[] values = new float[DemoShape.MOST_POSITIONS * half];
    for (int i = 0; i < values.length; i++) {
      int position = i / half;
      values[i] = (float) function.applyAsDouble(position * shape.frequency(i % half));
    }
    return Tensor.create(values, DemoShape.MOST_POSITIONS, half);
  }
}
