package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the tensors that are stored differ from those that a model is made of.
 *
 * @param storedNames the model's tensors that are there, each with the name that it is stored under
 * @param quantized the model's matrices that are stored in fewer bits, by the model's names
 * @param missing expected but not stored
 * @param foreign stored within the model's layers or modules, where a model of this class has
 *     nothing: the weights are those of another model
 * @param ignored stored elsewhere, or computed anew anyway: of no account
 * @param misshaped stored in another shape, with both shapes
 * @param unsupported stored in a type that weights are not read from, with that type
 */
record TensorCatalog(
    ImmutableMap<String, String> storedNames,
    ImmutableMap<String, WeightFormat> quantized,
    List<String> missing,
    List<String> foreign,
    List<String> ignored,
    List<String> misshaped,
    List<String> unsupported) {

  /** Published classes keep the layers under this name, and save them without it now and then. */
  private static final String MODEL = "model.";

  /** Ends of names of what the published code computes anew, in whatever module it stands. */
  private static final ImmutableSet<String> BUFFERS =
      ImmutableSet.of(
          ".inv_freq",
          ".original_inv_freq",
          ".cos_cached",
          ".sin_cached",
          ".position_ids",
          ".causal_mask",
          ".masked_bias");

  /** Parts of names of modules that hold nothing but such buffers. */
  private static final ImmutableSet<String> BUFFER_MODULES =
      ImmutableSet.of(".rotary_emb.", ".rotary_pos_emb.");

  /**
   * Compares.
   *
   * @param layout the tensors of the model
   * @param stored the tensors of the files, by name
   * @return the differences
   */
  static TensorCatalog compare(ModelLayout layout, Map<String, TensorEntry> stored) {
    Map<String, String> storedNames = new LinkedHashMap<>();
    Map<String, WeightFormat> quantized = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    List<String> misshaped = new ArrayList<>();
    List<String> unsupported = new ArrayList<>();
    for (TensorSpec spec : layout.tensors()) {
      String name = storedName(spec.name(), stored);
      TensorEntry entry = stored.get(name);
      if (entry == null) {
        if (spec.required()) {
          missing.add(spec.name());
        }
        continue;
      }
      storedNames.put(spec.name(), name);
      Optional<WeightFormat> format = quantization(spec, entry, stored);
      if (format.isPresent()) {
        quantized.put(spec.name(), format.get());
        continue;
      }
      if (!entry.shape().equals(spec.shape())) {
        misshaped.add(
            String.format(
                Locale.ROOT, "%s is %s but should be %s", name, entry.shape(), spec.shape()));
      }
      if (entry.type().precision().isEmpty()) {
        unsupported.add(name + " is " + entry.type().headerName());
      }
    }
    Set<String> known =
        Stream.concat(
                storedNames.values().stream(),
                quantized.keySet().stream()
                    .map(name -> storedNames.get(name) + QuantizedTensor.SCALES))
            .collect(ImmutableSet.toImmutableSet());
    ImmutableSet<String> modules = modules(layout);
    List<String> foreign = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    for (String name : stored.keySet()) {
      if (!known.contains(name)) {
        boolean isForeign =
            BUFFERS.stream().noneMatch(name::endsWith)
                && BUFFER_MODULES.stream().noneMatch(name::contains)
                && modules.stream().anyMatch(module -> belongsTo(name, module));
        (isForeign ? foreign : ignored).add(Quoted.of(name));
      }
    }
    return new TensorCatalog(
        ImmutableMap.copyOf(storedNames),
        ImmutableMap.copyOf(quantized),
        List.copyOf(missing),
        List.copyOf(foreign),
        List.copyOf(ignored),
        List.copyOf(misshaped),
        List.copyOf(unsupported));
  }

  /** The format of a matrix that is stored in fewer bits, with its scales beside it. */
  private static Optional<WeightFormat> quantization(
      TensorSpec spec, TensorEntry entry, Map<String, TensorEntry> stored) {
    TensorEntry scales = stored.get(entry.name() + QuantizedTensor.SCALES);
    if (spec.role() != TensorSpec.Role.MATRIX
        || scales == null
        || scales.type() != TensorType.BF16) {
      return Optional.empty();
    }
    long[] shape = spec.shape().toArray();
    return Stream.of(WeightFormat.Q8, WeightFormat.Q4)
        .filter(
            format ->
                Quantizer.fits(shape[1])
                    && entry.type().scalarType().stream()
                        .anyMatch(type -> type == QuantizedTensor.numberType(format))
                    && entry.shape().equals(QuantizedTensor.numberShape(format, shape[0], shape[1]))
                    && scales.shape().equals(QuantizedTensor.scaleShape(shape[0], shape[1])))
        .findFirst();
  }

  private static String storedName(String name, Map<String, TensorEntry> stored) {
    boolean bare =
        name.startsWith(MODEL)
            && !stored.containsKey(name)
            && stored.containsKey(name.substring(MODEL.length()));
    return bare ? name.substring(MODEL.length()) : name;
  }

  /** The stack of layers, and the modules outside it: a bias beside a weight is in the same. */
  private static ImmutableSet<String> modules(ModelLayout layout) {
    String layers = layout.layersPrefix();
    ImmutableSet.Builder<String> modules = ImmutableSet.builder();
    modules.add(layers);
    for (TensorSpec spec : layout.tensors()) {
      if (!spec.name().startsWith(layers)) {
        modules.add(spec.name().substring(0, spec.name().lastIndexOf('.') + 1));
      }
    }
    return modules.build();
  }

  private static boolean belongsTo(String name, String module) {
    return name.startsWith(module)
        || (module.startsWith(MODEL) && name.startsWith(module.substring(MODEL.length())));
  }

  /** The differences in words, each kind once; empty if the model can be read. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    describe(problems, "missing", missing);
    describe(problems, "surplus in the layers or modules of the model", foreign);
    describe(problems, "of another shape", misshaped);
    describe(problems, "of a type other than BF16, F16 and F32", unsupported);
    return List.copyOf(problems);
  }

  /** What is worth saying of tensors that can be read. */
  List<String> warnings(Path folder) {
    List<String> warnings = new ArrayList<>();
    if (!ignored.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s holds %d tensors that the model has no use for: %s",
              folder,
              ignored.size(),
              Listing.of(ignored)));
    }
    long bare =
        storedNames.entrySet().stream()
            .filter(name -> !name.getKey().equals(name.getValue()))
            .count();
    if (bare > 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s names %d tensors without '%s' at the beginning; they are taken for the model's",
              folder,
              bare,
              MODEL));
    }
    return warnings;
  }

  private static void describe(List<String> problems, String what, List<String> tensors) {
    if (!tensors.isEmpty()) {
      problems.add(
          String.format(Locale.ROOT, "%d %s (%s)", tensors.size(), what, Listing.of(tensors)));
    }
  }
}
