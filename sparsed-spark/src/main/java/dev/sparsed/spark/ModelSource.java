package dev.sparsed.spark;

import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import java.io.Serializable;
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
 */
record ModelSource(
    String path, String device, @Nullable String precision, @Nullable Integer threads)
    implements Serializable {

  /** The card that Spark gave the task, or the processor. */
  static final String AUTO = "auto";

  private static final String GPU = "gpu";

  /** What says which of an executor's models it is. */
  record Key(String path, ModelOptions options) {}

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
    ModelOptions options =
        ModelOptions.DEFAULT
            .withDevice(device(task.resourcesJMap().get(GPU)))
            .withThreads(threads == null ? executorCores() : threads);
    return new Key(
        path, precision == null ? options : options.withPrecision(Precision.of(precision)));
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
