package dev.sparsed.models.family.dream;

import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.TokenSampler;
import dev.sparsed.models.internal.torch.HostArrays;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Lets tests of other packages see the parts of Dream's decoding. */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class DreamProbe {

  private DreamProbe() {}

  public static float[] times(int steps, double epsilon) {
    DreamSchedule schedule = new DreamSchedule(steps, epsilon);
    float[] times = new float[steps + 1];
    for (int i = 0; i < times.length; i++) {
      times[i] = schedule.time(i);
    }
    return times;
  }

  /** Commits per step when every committed position stays so. */
  public static int[] committed(int steps, double epsilon, int masked) {
    DreamSchedule schedule = new DreamSchedule(steps, epsilon);
    int[] committed = new int[steps];
    int open = masked;
    for (int step = 0; step < steps; step++) {
      committed[step] = schedule.committed(step, open);
      open -= committed[step];
    }
    return committed;
  }

  public static float[] topP(float[] logits, int rows, double p) {
    return filtered(logits, rows, tensor -> LogitFilters.topP(tensor, p));
  }

  public static float[] topK(float[] logits, int rows, int k) {
    return filtered(logits, rows, tensor -> LogitFilters.topK(tensor, k));
  }

  private static float[] filtered(float[] logits, int rows, UnaryOperator<Tensor> filter) {
    try (PointerScope scope = new PointerScope()) {
      return HostArrays.toFloats(filter.apply(rows(logits, rows)));
    }
  }

  /** Candidates at temperature 0. */
  public static Choice choose(DreamDecoding policy, float[] logits, int rows) {
    try (PointerScope scope = new PointerScope()) {
      TokenSampler.Choice choice =
          new DreamSampler(policy, new Noise(0, 0)).choose(rows(logits, rows), 0, new int[rows]);
      return new Choice(
          HostArrays.toInts(choice.tokens()), HostArrays.toFloats(choice.confidences()));
    }
  }

  private static Tensor rows(float[] values, int rows) {
    return Tensor.create(values, rows, values.length / rows);
  }

  /** Tokens and confidences. */
  public static final class Choice {

    public final int[] tokens;
    public final float[] confidences;

    Choice(int[] tokens, float[] confidences) {
      this.tokens = tokens;
      this.confidences = confidences;
    }
  }
}
