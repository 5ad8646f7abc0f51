package dev.sparsed.cli.console;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to load a model. */
@InSection(OptionSection.MODEL)
public final class LoadingArguments {

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16 (default: as stored).")
  private @Nullable String dtype;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device = "cpu";

  @Option(
      names = "--weights",
      paramLabel = "BITS",
      description =
          "stored, q8 or q4: keep weights in 8 or 4 bits, quantized while loading; a choice of its"
              + " own for head and embedding as in q4,head=q8,embedding=stored (default: as"
              + " stored).")
  private @Nullable String weights;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Processor threads (default: one per core).")
  private @Nullable Integer threads;

  @Option(
      names = "--rotary_base",
      paramLabel = "THETA",
      description = "Base of the rotary frequencies (default: the checkpoint's).")
  private @Nullable Double rotaryBase;

  @Option(
      names = "--rotary_factor",
      paramLabel = "FACTOR",
      description =
          "What that base is multiplied with for long texts; LongLLaDA takes 4, 14, 31 or 55.")
  private @Nullable Double rotaryFactor;

  /** The defaults, until a command line is parsed. */
  public LoadingArguments() {}

  /**
   * The options for the library.
   *
   * @return the options
   * @throws IllegalArgumentException if a value is none that the library knows
   */
  public ModelOptions options() {
    ModelOptions options = ModelOptions.DEFAULT.withDevice(ComputeDevice.of(device));
    if (dtype != null) {
      options = options.withPrecision(Precision.of(dtype));
    }
    options = options.withRotary(rotary());
    if (weights != null) {
      options = options.withWeights(WeightScheme.parse(weights));
    }
    return threads == null ? options : options.withThreads(threads);
  }

  private ModelOptions.RotaryChange rotary() {
    ModelOptions.RotaryChange change = ModelOptions.RotaryChange.NONE;
    if (rotaryBase != null) {
      change = change.withBase(rotaryBase);
    }
    return rotaryFactor == null ? change : change.withFactor(rotaryFactor);
  }
}
