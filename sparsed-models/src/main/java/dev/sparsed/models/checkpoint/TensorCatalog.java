package dev.sparsed.models.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How the tensors that are stored differ from those that are expected.
 *
 * @param missing expected but not stored
 * @param surplus stored but not expected
 * @param misshaped stored in another shape, with both shapes
 * @param unsupported stored in a type that weights are not read from, with that type
 */
public record TensorCatalog(
    List<String> missing, List<String> surplus, List<String> misshaped, List<String> unsupported) {
  /**
   * Compares.
   *
   * @param expected the tensors of the model
   * @param stored the tensors of the files, by name
   * @return the differences
   */
  public static TensorCatalog compare(
      Collection<TensorSpec> expected, Map<String, TensorEntry> stored) {
    List<String> missing = new ArrayList<>();
    List<String> misshaped = new ArrayList<>();
    List<String> unsupported = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (TensorSpec spec : expected) {
      known.add(spec.name());
      TensorEntry entry = stored.get(spec.name());
      if (entry == null) {
        if (spec.required()) {
          missing.add(spec.name());
        }
        continue;
      }
      if (!entry.shape().equals(spec.shape())) {
        misshaped.add(
            String.format(
                Locale.ROOT,
                "%s is %s but should be %s",
                spec.name(),
                entry.shape(),
                spec.shape()));
      }
      if (!entry.type().isWeightType()) {
        unsupported.add(spec.name() + " is " + entry.type().headerName());
      }
    }
    List<String> surplus =
        stored.keySet().stream().filter(name -> !known.contains(name)).map(Quoted::name).toList();
    return new TensorCatalog(
        List.copyOf(missing), surplus, List.copyOf(misshaped), List.copyOf(unsupported));
  }

  /**
   * The differences in words.
   *
   * @return one entry per kind of difference that there is, each listing all its tensors
   */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    describe(problems, "missing", missing);
    describe(problems, "surplus", surplus);
    describe(problems, "of another shape", misshaped);
    describe(problems, "of a type other than BF16, F16 and F32", unsupported);
    return List.copyOf(problems);
  }

  void requireNoProblems(Path folder) {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "The tensors in %s are not those that its config.json describes: %s",
              folder,
              String.join("; ", problems)));
    }
  }

  private static void describe(List<String> problems, String what, List<String> tensors) {
    if (!tensors.isEmpty()) {
      problems.add(
          String.format(
              Locale.ROOT, "%d %s (%s)", tensors.size(), what, String.join(", ", tensors)));
    }
  }
}
