package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is to be said of the weights in a folder before they are loaded.
 *
 * @param problems everything for which they cannot be loaded
 * @param warnings what is worth saying otherwise
 */
record WeightCheck(ImmutableList<String> problems, ImmutableList<String> warnings) {

  /** Checks the files of a folder, and an adapter beside them, against the model's layout. */
  static WeightCheck of(
      Path folder, ModelConfig config, TensorFiles files, Optional<LoraAdapter> adapter) {
    ModelLayout layout = ModelLayout.of(config);
    TensorCatalog catalog = TensorCatalog.compare(layout, files.entries());
    List<String> problems = new ArrayList<>(catalog.problems());
    if (!problems.isEmpty()) {
      ForeignNames.kind(layout.tensors(), files.entries().keySet())
          .ifPresent(
              kind -> {
                problems.clear();
                problems.add(kind);
              });
    }
    adapter.ifPresent(
        found -> {
          problems.addAll(found.problems(layout, config.architecture().tiedHead()));
          if (!catalog.quantized().isEmpty()) {
            problems.add(
                "an adapter is not merged into quantized weights; put it beside the original model and quantize that");
          }
        });
    List<String> warnings = new ArrayList<>(files.warnings());
    if (problems.isEmpty()) {
      warnings.addAll(catalog.warnings(folder));
      adapter.ifPresent(found -> warnings.addAll(found.warnings()));
      ZeroWeights zero =
          ZeroWeights.in(
              files.files(),
              mustNotBeZero(layout, catalog),
              storedNames(Stream.of(layout.embedding(), layout.head()), catalog));
      problems.addAll(zero.problems());
      warnings.addAll(zero.warnings());
    }
    return new WeightCheck(ImmutableList.copyOf(problems), ImmutableList.copyOf(warnings));
  }

  /** Biases may well be zeros. */
  private static Set<String> mustNotBeZero(ModelLayout layout, TensorCatalog catalog) {
    return storedNames(
        layout.tensors().stream()
            .filter(spec -> spec.required() && spec.role() != TensorSpec.Role.BIAS),
        catalog);
  }

  private static Set<String> storedNames(Stream<TensorSpec> tensors, TensorCatalog catalog) {
    return tensors
        .flatMap(spec -> Optional.ofNullable(catalog.storedNames().get(spec.name())).stream())
        .collect(ImmutableSet.toImmutableSet());
  }
}
