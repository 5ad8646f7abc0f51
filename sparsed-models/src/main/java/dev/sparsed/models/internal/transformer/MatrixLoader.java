package dev.sparsed.models.internal.transformer;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.ModelLayout;
import dev.sparsed.models.internal.checkpoint.QuantizedTensor;
import dev.sparsed.models.internal.checkpoint.QuantizedWeights;
import dev.sparsed.models.internal.checkpoint.Quantizer;
import dev.sparsed.models.internal.checkpoint.TensorSpec;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Loads a model's matrices one after the other, each into the form that its products read. Beside
 * what is loaded there is one matrix in another form at a time.
 *
 * @param checkpoint where from
 * @param dtype the model's
 * @param device that computes
 * @param products choose the form
 * @param scheme in how many bits matrices are wanted
 */
record MatrixLoader(
    Checkpoint checkpoint,
    ScalarType dtype,
    Device device,
    WeightProducts products,
    WeightScheme scheme) {

  /**
   * Loads a matrix.
   *
   * @throws CheckpointException if it cannot be loaded, or is stored in other bits than wanted
   */
  Matrix load(TensorSpec spec) {
    Optional<WeightFormat> wanted = QuantizedWeights.format(scheme, checkpoint.layout(), spec);
    Optional<WeightFormat> stored = checkpoint.quantization(spec);
    if (stored.isPresent()) {
      requireSame(spec, stored.get(), wanted);
      return products.matrix(checkpoint.loadQuantized(spec), dtype, device);
    }
    if (wanted.isEmpty()) {
      Tensor weight = checkpoint.load(spec, dtype, device);
      return isOnlyEmbedding(spec) ? products.plain(weight) : products.matrix(weight);
    }
    return products.matrix(quantize(spec, wanted.get()), dtype, device);
  }

  /** The stored tensor is released before the quantized one is copied into the products' form. */
  private QuantizedTensor quantize(TensorSpec spec, WeightFormat format) {
    try (Device cpu = new Device(DeviceType.CPU);
        Tensor weight = checkpoint.load(spec, dtype, cpu)) {
      return Quantizer.quantize(weight, format);
    }
  }

  private boolean isOnlyEmbedding(TensorSpec spec) {
    ModelLayout layout = checkpoint.layout();
    return spec.name().equals(layout.embedding().name())
        && !spec.name().equals(layout.head().name());
  }

  /** Rounding a second time would add its error to the first one's. */
  private void requireSame(TensorSpec spec, WeightFormat stored, Optional<WeightFormat> wanted) {
    if (wanted.isPresent() && wanted.get() != stored) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is quantized already, %s as %s, and is not made %s; leave the choice of weights"
                  + " away, or start from the original model",
              checkpoint.folder(),
              spec.name(),
              stored,
              wanted.get()));
    }
  }
}
