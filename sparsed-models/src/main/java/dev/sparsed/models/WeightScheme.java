package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import dev.sparsed.cpu.WeightFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * In how many bits a model's matrices are kept. Quantized weights stand for {@code scale * q} with
 * a bf16 scale per output and group of 32 inputs; norms and biases stay as they are, and so does a
 * matrix whose inputs are no multiple of 32.
 *
 * @param layers the matrices of all layers
 * @param head the language-model head
 * @param embedding the token embedding; where it is the head as well, the finer of both counts
 */
public record WeightScheme(Bits layers, Bits head, Bits embedding) {

  /** How one matrix is kept. */
  public enum Bits {
    /** In the model's precision. */
    STORED(null),
    /** 8 bits and a share of a scale: 8.5. */
    Q8(WeightFormat.Q8),
    /** 4 bits and a share of a scale: 4.5. */
    Q4(WeightFormat.Q4);

    private final @Nullable WeightFormat format;

    Bits(@Nullable WeightFormat format) {
      this.format = format;
    }

    /**
     * The kernels' format.
     *
     * @return empty where nothing is quantized
     */
    public Optional<WeightFormat> format() {
      return Optional.ofNullable(format);
    }

    private static Bits of(String name) {
      return switch (name) {
        case "stored" -> STORED;
        case "q8" -> Q8;
        case "q4" -> Q4;
        default ->
            throw new IllegalArgumentException(
                "weights are kept as stored, q8 or q4 but not as " + name);
      };
    }

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Everything in the model's precision. */
  public static final WeightScheme AS_STORED =
      new WeightScheme(Bits.STORED, Bits.STORED, Bits.STORED);

  /** Everything in 8 bits. */
  public static final WeightScheme Q8 = new WeightScheme(Bits.Q8, Bits.Q8, Bits.Q8);

  /** Layers and head in 4 bits, the embedding in 8. */
  public static final WeightScheme Q4 = new WeightScheme(Bits.Q4, Bits.Q4, Bits.Q8);

  /**
   * Reads {@code stored}, {@code q8} or {@code q4}, with another choice for the head or the
   * embedding where wanted: {@code q4,head=q8,embedding=stored}.
   *
   * @param text the scheme, in any case
   * @return the scheme
   * @throws IllegalArgumentException if it is not of that form
   */
  public static WeightScheme parse(String text) {
    List<String> parts = Splitter.on(',').trimResults().splitToList(text.toLowerCase(Locale.ROOT));
    WeightScheme scheme =
        switch (Bits.of(parts.get(0))) {
          case STORED -> AS_STORED;
          case Q8 -> Q8;
          case Q4 -> Q4;
        };
    for (String part : parts.subList(1, parts.size())) {
      List<String> choice = Splitter.on('=').trimResults().limit(2).splitToList(part);
      checkArgument(
          choice.size() == 2, "weights %s: %s is not head=BITS or embedding=BITS", text, part);
      Bits bits = Bits.of(choice.get(1));
      scheme =
          switch (choice.get(0)) {
            case "head" -> new WeightScheme(scheme.layers, bits, scheme.embedding);
            case "embedding" -> new WeightScheme(scheme.layers, scheme.head, bits);
            default ->
                throw new IllegalArgumentException(
                    "weights "
                        + text
                        + ": only head and embedding have a choice of their own, not "
                        + choice.get(0));
          };
    }
    return scheme;
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    return layers.label() + ",head=" + head.label() + ",embedding=" + embedding.label();
  }
}
