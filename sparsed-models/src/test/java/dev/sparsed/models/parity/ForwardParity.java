package dev.sparsed.models.parity;

import com.google.common.primitives.Floats;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.RotaryProbe;
import dev.sparsed.models.internal.transformer.SessionAttention;
import dev.sparsed.models.internal.transformer.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The transformer's forward pass and its rotary embedding. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class ForwardParity {

  private ForwardParity() {}

  static void forwardFull(GoldenCase golden, Transformer transformer) {
    long[] shape = golden.shape("input_ids");
    int length = (int) shape[1];
    int[] tokens = golden.ints("input_ids");
    Recorder recorder = new Recorder();
    List<float[]> logits = new ArrayList<>();
    List<float[]> tails = new ArrayList<>();
    for (int row = 0; row < shape[0]; row++) {
      int[] sequence = Arrays.copyOfRange(tokens, row * length, (row + 1) * length);
      float[] ofRow = logits(transformer, sequence, recorder);
      logits.add(ofRow);
      if (golden.has("logits_tail")) {
        long[] tail = golden.shape("logits_tail");
        int count = Math.toIntExact(tail[tail.length - 2] * tail[tail.length - 1]);
        tails.add(Arrays.copyOfRange(ofRow, ofRow.length - count, ofRow.length));
      }
    }
    golden.assertClose("logits", Floats.concat(logits.toArray(float[][]::new)));
    golden.assertClose("logits_tail", Floats.concat(tails.toArray(float[][]::new)));
    recorder.seen.forEach(golden::assertClose);
    golden.assertClose("layer_outputs", Floats.concat(recorder.layers.toArray(float[][]::new)));
  }

  /** Logits of every position. */
  private static float[] logits(Transformer transformer, int[] tokens, Recorder recorder) {
    int[] rows = IntStream.range(0, tokens.length).toArray();
    int layers = transformer.architecture().layers();
    try (PointerScope scope = new PointerScope();
        SparseAttention<Tensor> session =
            new SparseAttention<>(
                KernelAttention.standard(), AttentionPolicy.full(), layers, 1, 0)) {
      session.beginStep(0);
      Tensor hidden =
          transformer.hiddenRows(
              tokens,
              Positions.range(0, tokens.length),
              new SessionAttention(session),
              rows,
              recorder);
      return HostArrays.toFloats(transformer.logits(hidden));
    }
  }

  static void rotary(GoldenCase golden) {
    GoldenCase inputs =
        golden.parameters().has("inputs_from")
            ? golden.folder().caseOf(golden.text("inputs_from"))
            : golden;
    int from = golden.parameters().path("positions").path(0).intValue();
    int to = golden.parameters().path("positions").path(1).intValue();
    RotaryProbe probe =
        new RotaryProbe(golden.number("rope_theta"), golden.integer("head_dim"), from, to - from);
    golden.assertClose("q_rot", probe.rotate(firstRows(inputs, "q", to - from)));
    golden.assertClose("k_rot", probe.rotate(firstRows(inputs, "k", to - from)));
    golden.assertClose("cos", probe.cos());
    golden.assertClose("sin", probe.sin());
  }

  /** The first rows of [1, heads, length, D], by head. */
  private static float[][] firstRows(GoldenCase inputs, String tensor, int rows) {
    long[] shape = inputs.shape(tensor);
    float[] all = inputs.floats(tensor);
    int stride = Math.toIntExact(shape[2] * shape[3]);
    float[][] heads = new float[(int) shape[1]][rows * (int) shape[3]];
    for (int head = 0; head < heads.length; head++) {
      System.arraycopy(all, head * stride, heads[head], 0, heads[head].length);
    }
    return heads;
  }

  /** Keeps what the golden data has of a pass. */
  private static final class Recorder implements ForwardObserver {

    private final Map<String, float[]> seen = new HashMap<>();
    private final List<float[]> layers = new ArrayList<>();

    @Override
    public void onProjections(int layer, Tensor query, Tensor key, Tensor value) {
      if (layer == 0) {
        seen.put("layer0_q_proj", HostArrays.toFloats(query));
        seen.put("layer0_k_proj", HostArrays.toFloats(key));
        seen.put("layer0_v_proj", HostArrays.toFloats(value));
      }
    }

    @Override
    public void onLayerEnd(int layer, Tensor hidden) {
      layers.add(HostArrays.toFloats(hidden));
    }

    @Override
    public void onFinalNorm(Tensor normed) {
      seen.put("final_norm", HostArrays.toFloats(normed));
    }
  }
}
