package dev.sparsed.spark;

import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import java.io.Serializable;
import java.util.OptionalDouble;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * Which model a job asks, as its tasks are told. Each executor has the model of its tasks' device.
 *
 * @param path a folder that every executor sees, or a repository in its Hugging Face cache
 * @param device {@code auto}, or as {@link ComputeDevice#of} takes it
 * @param precision as {@link Precision#of} takes it; null as stored
 * @param threads processor threads; null for the executor's cores, as its tasks share the model's
 *     passes
 * @param weights in how many bits weights are kept, as {@link WeightScheme#parse} takes it
 * @param rotaryBase base of the rotary frequencies; null for the checkpoint's
 * @param rotaryFactor what that base is multiplied with
 */
record ModelSource(
    String path,
    String device,
    @Nullable String precision,
    @Nullable Integer threads,
    String weights,
    @Nullable Double rotaryBase,
    double rotaryFactor)
    implements Serializable {

  /** The card that Spark gave the task, or the processor. */
  static final String AUTO = "auto";

  private static final String GPU = "gpu";

  /** What says which of an executor's models it is. */
  record Key(String path, ModelOptions options) {}

  /** A model with the checkpoint's own weights and positions. */
  ModelSource(String path, String device, @Nullable String precision, @Nullable Integer threads) {
    this(path, device, precision, threads, WeightScheme.AS_STORED.toString(), null, 1);
  }

  /** The same with weights in other bits, and other rotary positions. */
  ModelSource with(WeightScheme scheme, ModelOptions.RotaryChange rotary) {
    return new ModelSource(
        path,
        device,
        precision,
        threads,
        scheme.toString(),
        rotary.base().isPresent() ? (Double) rotary.base().getAsDouble() : null,
        rotary.factor());
  }

  /**
   * Refuses what no executor would understand.
   *
   * @throws IllegalArgumentException if device or precision is none that the library knows
   */
  void check() {
    if (!device.equals(AUTO)) {
      ComputeDevice.of(device);
    }
    if (precision != null) {
      Precision.of(precision);
    }
  }

  /** The model of a task. */
  Key forTask(TaskContext task) {
    return new Key(
        path,
        options(
            device(task.resourcesJMap().get(GPU)), threads == null ? executorCores() : threads));
  }

  /** How an executor loads the model. */
  ModelOptions options(ComputeDevice ofTask, int ofExecutor) {
    OptionalDouble base =
        rotaryBase == null ? OptionalDouble.empty() : OptionalDouble.of(rotaryBase);
    ModelOptions options =
        ModelOptions.DEFAULT
            .withDevice(ofTask)
            .withThreads(ofExecutor)
            .withWeights(WeightScheme.parse(weights))
            .withRotary(new ModelOptions.RotaryChange(base, rotaryFactor));
    return precision == null ? options : options.withPrecision(Precision.of(precision));
  }

  /** Known where it is set; otherwise an executor has the machine, or the container, to itself. */
  private static int executorCores() {
    return SparkEnv.get()
        .conf()
        .getInt("spark.executor.cores", Runtime.getRuntime().availableProcessors());
  }

  /** A device without a number is that of the task's resources, where Spark gave it one. */
  ComputeDevice device(@Nullable ResourceInformation cards) {
    if (cards != null
        && cards.addresses().length > 0
        && (device.equals(AUTO) || device.equals("cuda"))) {
      return ComputeDevice.of("cuda:" + cards.addresses()[0]);
    }
    return device.equals(AUTO) ? ComputeDevice.CPU : ComputeDevice.of(device);
  }
}
