package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Rotary;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/**
 * How a model is loaded.
 *
 * @param device where it computes
 * @param precision format of weights and activations; empty for the one that the checkpoint is
 *     stored in
 * @param threads processor threads of LibTorch, a setting of the whole process, and of each call of
 *     the attention kernels; empty leaves the defaults of both
 * @param attention what computes attention; empty for the fastest that is there
 * @param weights in how many bits weights are kept
 * @param requiresNativeKernels whether loading fails where our kernels for the device are not there
 * @param rotary what is changed of the checkpoint's rotary positions
 * @param sharedPasses how sequences share forward passes
 */
public record ModelOptions(
    ComputeDevice device,
    Optional<Precision> precision,
    OptionalInt threads,
    Optional<AttentionBackend<Tensor>> attention,
    WeightScheme weights,
    boolean requiresNativeKernels,
    RotaryChange rotary,
    SharedPasses sharedPasses) {

  /** On the processor, as stored, with the fastest attention that is there. */
  public static final ModelOptions DEFAULT =
      new ModelOptions(
          ComputeDevice.CPU,
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          WeightScheme.AS_STORED,
          false,
          RotaryChange.NONE,
          SharedPasses.DEFAULT);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the number of threads is not 1 to 1024
   */
  public ModelOptions {
    threads.ifPresent(
        n -> checkArgument(n >= 1 && n <= 1024, "threads must be 1 to 1024 but is %s", n));
  }

  /**
   * The same on another device.
   *
   * @param value where the model computes
   * @return the changed options
   */
  public ModelOptions withDevice(ComputeDevice value) {
    return new ModelOptions(
        value, precision, threads, attention, weights, requiresNativeKernels, rotary, sharedPasses);
  }

  /**
   * The same in another precision.
   *
   * @param value format of weights and activations
   * @return the changed options
   */
  public ModelOptions withPrecision(Precision value) {
    return new ModelOptions(
        device,
        Optional.of(value),
        threads,
        attention,
        weights,
        requiresNativeKernels,
        rotary,
        sharedPasses);
  }

  /**
   * The same with another number of threads.
   *
   * @param value processor threads of LibTorch and of the attention kernels, 1 to 1024
   * @return the changed options
   * @throws IllegalArgumentException if the number is not 1 to 1024
   */
  public ModelOptions withThreads(int value) {
    return new ModelOptions(
        device,
        precision,
        OptionalInt.of(value),
        attention,
        weights,
        requiresNativeKernels,
        rotary,
        sharedPasses);
  }

  /**
   * The same with another attention backend.
   *
   * @param value what computes attention
   * @return the changed options
   */
  public ModelOptions withAttention(AttentionBackend<Tensor> value) {
    return new ModelOptions(
        device,
        precision,
        threads,
        Optional.of(value),
        weights,
        requiresNativeKernels,
        rotary,
        sharedPasses);
  }

  /**
   * The same with weights in fewer bits. What is not quantized yet is quantized while loading.
   *
   * @param value the scheme, such as {@link WeightScheme#Q4}
   * @return the changed options
   */
  public ModelOptions withWeights(WeightScheme value) {
    return new ModelOptions(
        device, precision, threads, attention, value, requiresNativeKernels, rotary, sharedPasses);
  }

  /**
   * The same, but loading fails with words where our kernels for the device are not there, instead
   * of computing several times as slowly by LibTorch alone.
   *
   * @return the changed options
   */
  public ModelOptions requireNativeKernels() {
    return new ModelOptions(
        device, precision, threads, attention, weights, true, rotary, sharedPasses);
  }

  /**
   * The same with sequences that share forward passes in another way.
   *
   * @param value the settings
   * @return the changed options
   */
  public ModelOptions withSharedPasses(SharedPasses value) {
    return new ModelOptions(
        device, precision, threads, attention, weights, requiresNativeKernels, rotary, value);
  }

  /**
   * The same with other rotary positions, for texts longer than the model was trained for.
   *
   * @param value what is changed of the checkpoint's
   * @return the changed options
   */
  public ModelOptions withRotary(RotaryChange value) {
    return new ModelOptions(
        device, precision, threads, attention, weights, requiresNativeKernels, value, sharedPasses);
  }

  /**
   * Another base of the rotary frequencies than a checkpoint's, for texts longer than the model was
   * trained for. LongLLaDA (arXiv 2506.14429) multiplies LLaDA's base by 4, 14, 31 or 55, more for
   * longer texts.
   *
   * @param base the base (theta), at least 1; empty for the checkpoint's
   * @param factor what the base is multiplied with, at least 1
   */
  public record RotaryChange(OptionalDouble base, double factor) {

    /** The checkpoint's base as it is. */
    public static final RotaryChange NONE = new RotaryChange(OptionalDouble.empty(), 1);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is below 1 or not finite
     */
    public RotaryChange {
      base.ifPresent(value -> check("base", value));
      check("factor", factor);
    }

    private static void check(String what, double value) {
      checkArgument(
          value >= 1 && Double.isFinite(value),
          "the rotary %s must be at least 1 but is %s",
          what,
          value);
    }

    /**
     * The same with another base.
     *
     * @param value the base, at least 1
     * @return the change
     * @throws IllegalArgumentException if it is below 1 or not finite
     */
    public RotaryChange withBase(double value) {
      return new RotaryChange(OptionalDouble.of(value), factor);
    }

    /**
     * The same with another factor.
     *
     * @param value what the base is multiplied with, at least 1
     * @return the change
     * @throws IllegalArgumentException if it is below 1 or not finite
     */
    public RotaryChange withFactor(double value) {
      return new RotaryChange(base, value);
    }

    /** What is computed of an architecture with this change. */
    Architecture of(Architecture model) {
      Rotary rotary = model.rotary();
      double changed = base.orElse(rotary.base()) * factor;
      return changed == rotary.base()
          ? model
          : model.toBuilder().rotary(rotary.withBase(changed)).build();
    }
  }
}
