package dev.sparsed.demo;

import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.rms_norm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.view_as_complex;
import static org.bytedeco.pytorch.global.torch.view_as_real;

import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * LLaDA's network with gradients, as little of it as training needs. Parameters bear the names they
 * have in a LLaDA checkpoint. Inference is the business of {@code dev.sparsed.models}.
 *
 * <p>It is arranged so that states are read and written few times, which on a processor takes as
 * long as the products: the gain of a norm is multiplied into the weights that read the norm, and
 * rotary pairs are brought side by side by reordering the weights' rows, so that a rotation is one
 * product of complex numbers. Scores do not depend on the order within a head.
 */
final class DemoNetwork {

  private final DemoShape shape;
  private final Tensor turns;
  private final Map<String, Tensor> parameters;

  /**
   * A network.
   *
   * @param shape its sizes
   * @param parameters its parameters under their names in a checkpoint; the network's from now on
   */
  DemoNetwork(DemoShape shape, Map<String, Tensor> parameters) {
    this.shape = shape;
    this.turns = turns(shape);
    this.parameters = parameters;
    parameters.values().forEach(tensor -> tensor.requires_grad_(true));
  }

  /** The parameters under their names in a checkpoint; the tensors stay the network's. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  /**
   * Logits at some places. The last layer's queries and all that follows are computed only there.
   *
   * @param tokens token ids [B, S] flattened
   * @param positions where each token stands [B, S] flattened, below {@link
   *     DemoShape#MOST_POSITIONS}
   * @param texts B
   * @param places indices into the flattened [B * S], at least one [P]
   * @return logits [P, vocabulary]
   */
  Tensor logits(long[] tokens, long[] positions, int texts, long[] places) {
    int length = tokens.length / texts;
    Tensor angles =
        turns.index_select(0, Tensor.create(positions)).reshape(texts, length, 1, turns.size(1));
    Tensor hidden = embedding(parameter("wte"), Tensor.create(tokens, texts, length));
    int last = shape.layers() - 1;
    for (int layer = 0; layer < last; layer++) {
      hidden = block(layer, hidden, angles, UnaryOperator.identity());
    }
    AskedRows asked = new AskedRows(places, texts, length);
    Tensor rows = Tensor.create(asked.rows());
    hidden =
        block(
            last,
            hidden,
            angles,
            states ->
                states.flatten(0, 1).index_select(0, rows).unflatten(0, texts, asked.perText()));
    Tensor read = hidden.flatten(0, 1).index_select(0, Tensor.create(asked.read()));
    return linear(normalized(read), weight("wte", "ln_f"));
  }

  /**
   * A layer.
   *
   * @param hidden states [B, S, width]
   * @param angles of the positions as complex numbers [B, S, 1, D / 2]
   * @param asking picks of the first two dimensions which rows the layer computes
   */
  private Tensor block(int layer, Tensor hidden, Tensor angles, UnaryOperator<Tensor> asking) {
    String block = "blocks." + layer + ".";
    Tensor input = normalized(hidden);
    Tensor query =
        linear(asking.apply(input), paired(weight(block + "q_proj", block + "attn_norm")));
    Tensor key = linear(input, paired(weight(block + "k_proj", block + "attn_norm")));
    Tensor value = linear(input, weight(block + "v_proj", block + "attn_norm"));
    // Tiled on the processor: no [S, S] is ever held.
    Tensor found =
        scaled_dot_product_attention(
            rotated(query, asking.apply(angles)),
            rotated(key, angles),
            value.unflatten(2, shape.heads(), shape.headDimension()).transpose(1, 2));
    Tensor output = linear(found.transpose(1, 2).flatten(2, 3), parameter(block + "attn_out"));
    Tensor states = asking.apply(hidden).add(output);
    return states.add(feedForward(block, normalized(states)));
  }

  private Tensor feedForward(String block, Tensor input) {
    Tensor gate = silu(linear(input, weight(block + "ff_proj", block + "ff_norm")));
    Tensor up = linear(input, weight(block + "up_proj", block + "ff_norm"));
    return linear(gate.mul(up), parameter(block + "ff_out"));
  }

  /** States over their root mean square; the gain is in the weights that read them. */
  private Tensor normalized(Tensor states) {
    return rms_norm(
        states,
        new long[] {shape.width()},
        new TensorOptional(),
        new DoubleOptional(DemoShape.NORM_EPSILON));
  }

  /** A matrix that reads what a norm gives, with the norm's gain. */
  private Tensor weight(String name, String norm) {
    return parameter(name).mul(parameter(norm));
  }

  private Tensor parameter(String name) {
    return Objects.requireNonNull(parameters.get(DemoStart.name(name)));
  }

  /** Rows of a matrix [H * D, width] so that both of a rotary pair, D / 2 apart, are neighbours. */
  private Tensor paired(Tensor matrix) {
    return matrix
        .reshape(shape.heads(), 2, shape.headDimension() / 2, shape.width())
        .transpose(1, 2)
        .reshape(shape.width(), shape.width());
  }

  /** Turns the pairs of [B, S, H * D] by [B, S, 1, D / 2]; gives [B, H, S, D]. */
  private Tensor rotated(Tensor states, Tensor angles) {
    Tensor pairs = states.unflatten(2, shape.heads(), shape.headDimension() / 2, 2);
    return view_as_real(view_as_complex(pairs).mul(angles)).flatten(3, 4).transpose(1, 2);
  }

  /** Rotary angles by position and pair as complex numbers of length 1, [S, D / 2]. */
  private static Tensor turns(DemoShape shape) {
    int half = shape.headDimension() / 2;
    float[] values = new float[DemoShape.MOST_POSITIONS * half * 2];
    for (int i = 0; i < DemoShape.MOST_POSITIONS * half; i++) {
      int position = i / half;
      double angle = position * shape.frequency(i % half);
      values[2 * i] = (float) Math.cos(angle);
      values[2 * i + 1] = (float) Math.sin(angle);
    }
    return view_as_complex(Tensor.create(values, DemoShape.MOST_POSITIONS, half, 2));
  }
}
