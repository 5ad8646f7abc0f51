package dev.sparsed.demo;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.rms_norm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * LLaDA's network with gradients, as little of it as training needs. Parameters bear the names they
 * have in a LLaDA checkpoint. Inference is the business of {@code dev.sparsed.models}.
 */
final class DemoNetwork {

  private static final String PREFIX = "model.transformer.";

  private final DemoShape shape;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  /** A network with random parameters, drawn from LibTorch's generator. */
  DemoNetwork(DemoShape shape) {
    this.shape = shape;
    int width = shape.width();
    matrix("wte", shape.vocabulary(), width, 0.05);
    double deviation = 1 / Math.sqrt(width);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "blocks." + layer + ".";
      gain(block + "attn_norm");
      gain(block + "ff_norm");
      attention(block, width, deviation);
      matrix(block + "ff_proj", shape.mlpWidth(), width, deviation);
      matrix(block + "up_proj", shape.mlpWidth(), width, deviation);
      matrix(block + "ff_out", width, shape.mlpWidth(), deviation / Math.sqrt(shape.layers()));
    }
    gain("ln_f");
  }

  /**
   * Starts attention so that alike tokens attend to each other and what is attended to is passed on
   * as it is (mimetic initialisation, arXiv 2305.09828): the demo's task is to find and to copy,
   * and a network this small takes long to discover how.
   */
  private void attention(String block, int width, double deviation) {
    Tensor query = randn(width, width).mul_(new Scalar(deviation));
    Tensor key = query.add(randn(width, width).mul_(new Scalar(deviation))).mul_(new Scalar(0.7));
    Tensor value = randn(width, width).mul_(new Scalar(deviation));
    Tensor output = value.t().mul(new Scalar(0.5)).contiguous();
    add(block + "q_proj", query);
    add(block + "k_proj", key);
    add(block + "v_proj", value);
    add(block + "attn_out", output);
  }

  /** The parameters under their names in a checkpoint; the tensors stay the network's. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  /**
   * Logits at some places.
   *
   * @param tokens token ids [B, S], int64
   * @param places indices into the flattened [B * S], int64 [P]
   * @param rotary angles for at least S positions
   * @return logits [P, vocabulary]
   */
  Tensor logits(Tensor tokens, Tensor places, RotaryAngles rotary) {
    Tensor hidden = embedding(parameter("wte"), tokens);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "blocks." + layer + ".";
      hidden = hidden.add(attention(block, norm(block + "attn_norm", hidden), rotary));
      hidden = hidden.add(feedForward(block, norm(block + "ff_norm", hidden)));
    }
    Tensor read = hidden.reshape(-1, shape.width()).index_select(0, places);
    return linear(norm("ln_f", read), parameter("wte"));
  }

  private Tensor attention(String block, Tensor input, RotaryAngles rotary) {
    Tensor query = rotary.rotate(heads(linear(input, parameter(block + "q_proj"))));
    Tensor key = rotary.rotate(heads(linear(input, parameter(block + "k_proj"))));
    Tensor value = heads(linear(input, parameter(block + "v_proj")));
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
    return Objects.requireNonNull(parameters.get(PREFIX + name + ".weight"));
  }

  private void matrix(String name, int rows, int columns, double deviation) {
    try (Scalar scale = new Scalar(deviation)) {
      add(name, randn(rows, columns).mul_(scale));
    }
  }

  private void gain(String name) {
    add(name, torch.ones(shape.width()));
  }

  private void add(String name, Tensor tensor) {
    parameters.put(PREFIX + name + ".weight", tensor.requires_grad_(true));
  }

  /** Cosines and sines of the rotary position embedding, [S, D] each. */
  static final class RotaryAngles {

    private final Tensor cosine;
    private final Tensor sine;

    RotaryAngles(int length, int headDimension) {
      int half = headDimension / 2;
      float[] cosines = new float[length * headDimension];
      float[] sines = new float[length * headDimension];
      for (int position = 0; position < length; position++) {
        for (int i = 0; i < headDimension; i++) {
          double angle =
              position / Math.pow(DemoShape.ROPE_THETA, 2.0 * (i % half) / headDimension);
          cosines[position * headDimension + i] = (float) Math.cos(angle);
          sines[position * headDimension + i] = (float) Math.sin(angle);
        }
      }
      this.cosine = Tensor.create(cosines, length, headDimension);
      this.sine = Tensor.create(sines, length, headDimension);
    }

    Tensor rotate(Tensor states) {
      long length = states.size(2);
      long half = states.size(3) / 2;
      Tensor first = states.narrow(3, 0, half);
      Tensor second = states.narrow(3, half, half);
      Tensor turned = cat(new TensorVector(second.neg(), first), -1);
      return states.mul(cosine.narrow(0, 0, length)).add(turned.mul(sine.narrow(0, 0, length)));
    }
  }
}
