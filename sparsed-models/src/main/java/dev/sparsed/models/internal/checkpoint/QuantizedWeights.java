package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.text.internal.Quoted;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a scheme means for the matrices of a model. */
public final class QuantizedWeights {

  private QuantizedWeights() {}

  /**
   * The format of a matrix.
   *
   * @param scheme the scheme
   * @param layout the model's
   * @param spec one of its tensors
   * @return empty for what is not quantized: by choice, because it is no matrix, or because its
   *     inputs are no multiple of 32
   */
  public static Optional<WeightFormat> format(
      WeightScheme scheme, ModelLayout layout, TensorSpec spec) {
    return fits(spec) ? wanted(scheme, layout, spec) : Optional.empty();
  }

  private static Optional<WeightFormat> wanted(
      WeightScheme scheme, ModelLayout layout, TensorSpec spec) {
    boolean embeds = spec.name().equals(layout.embedding().name());
    boolean heads = spec.name().equals(layout.head().name());
    WeightScheme.Bits bits = heads ? scheme.head() : scheme.layers();
    if (embeds) {
      // Of the declared order, the finer comes first.
      bits =
          heads && scheme.head().compareTo(scheme.embedding()) < 0
              ? scheme.head()
              : scheme.embedding();
    }
    return spec.role() == TensorSpec.Role.MATRIX ? bits.format() : Optional.empty();
  }

  private static boolean fits(TensorSpec spec) {
    return spec.role() == TensorSpec.Role.MATRIX && Quantizer.fits(spec.shape().toArray()[1]);
  }

  /**
   * Memory of a model's weights under a scheme.
   *
   * @param scheme the scheme
   * @param config the model
   * @param type of what is not quantized
   * @return bytes
   */
  public static long bytes(WeightScheme scheme, ModelConfig config, Precision type) {
    ModelLayout layout = ModelLayout.of(config);
    return layout.tensors().stream()
        .filter(TensorSpec::required)
        .mapToLong(
            spec -> {
              long elements = spec.shape().elements();
              return format(scheme, layout, spec)
                  .map(
                      format ->
                          elements * format.bits() / Byte.SIZE
                              + elements / WeightFormat.GROUP * Short.BYTES)
                  .orElse(elements * type.bytes());
            })
        .sum();
  }

  /**
   * What is worth telling of a model that is to be quantized.
   *
   * @param checkpoint the model
   * @param scheme the scheme
   * @return the matrices that stay as they are because of their width
   */
  public static List<String> warnings(Checkpoint checkpoint, WeightScheme scheme) {
    ModelLayout layout = checkpoint.layout();
    List<String> kept =
        layout.tensors().stream()
            .filter(spec -> spec.required() && spec.role() == TensorSpec.Role.MATRIX)
            .filter(spec -> wanted(scheme, layout, spec).isPresent() && !fits(spec))
            .map(spec -> Quoted.of(spec.name()))
            .toList();
    return kept.isEmpty()
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "%d matrices are not quantized, as their inputs are no multiple of %d: %s",
                kept.size(),
                WeightFormat.GROUP,
                Listing.of(kept)));
  }
}
