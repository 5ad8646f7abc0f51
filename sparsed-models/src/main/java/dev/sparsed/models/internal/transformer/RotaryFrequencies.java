package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.family.Rotary;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The frequencies of a rotation [R/2], float32. The order of operations is that of Hugging Face's
 * {@code transformers}, which float32 can tell.
 *
 * @param rotary the rotation
 * @param rotated R
 * @param length tokens of the sequence, which some frequencies depend on
 */
record RotaryFrequencies(Rotary rotary, int rotated, int length) {

  /** The frequencies, attached to the scope around the call. */
  Tensor tensor() {
    Rotary.Scaling scaling = rotary.scaling().orElse(null);
    if (scaling instanceof Rotary.Scaling.Yarn yarn) {
      return yarn(yarn);
    }
    if (scaling instanceof Rotary.Scaling.DynamicNtk dynamic) {
      return periods(dynamic.base(rotary.base(), rotated, length)).reciprocal();
    }
    Tensor plain = periods(rotary.base()).reciprocal();
    return scaling instanceof Rotary.Scaling.Linear linear
        ? plain.div(new Scalar(linear.factor()))
        : plain;
  }

  /** base^(2i/R). */
  private Tensor periods(double base) {
    TensorOptions float32 = new TensorOptions(ScalarType.Float);
    Tensor exponents =
        torch
            .arange(new Scalar(0), new Scalar(rotated), new Scalar(2), float32)
            .div(new Scalar(rotated));
    return torch.pow(new Scalar(base), exponents);
  }

  private Tensor yarn(Rotary.Scaling.Yarn yarn) {
    Tensor periods = periods(rotary.base());
    Tensor slowed = periods.mul(new Scalar(yarn.factor())).reciprocal();
    double low = dimension(yarn.betaFast(), yarn);
    double high = dimension(yarn.betaSlow(), yarn);
    if (yarn.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, rotated - 1);
    // Ends that fall together would divide by zero.
    double width = low == high ? 0.001 : high - low;
    Tensor ramp =
        torch
            .arange(new Scalar(rotated / 2), new TensorOptions(ScalarType.Float))
            .sub(new Scalar(low))
            .div(new Scalar(width))
            .clamp(new ScalarOptional(new Scalar(0)), new ScalarOptional(new Scalar(1)));
    Tensor kept = ramp.neg().add(new Scalar(1));
    Tensor slow = kept.neg().add(new Scalar(1));
    return slowed.mul(slow).add(periods.reciprocal().mul(kept));
  }

  /** The dimension that turns so often within the length that the model was trained for. */
  private double dimension(double turns, Rotary.Scaling.Yarn yarn) {
    return rotated
        * Math.log(yarn.trainedPositions() / (turns * 2 * Math.PI))
        / (2 * Math.log(rotary.base()));
  }
}
