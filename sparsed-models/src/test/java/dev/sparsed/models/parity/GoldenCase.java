package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.models.internal.checkpoint.SafetensorsFile;
import dev.sparsed.models.internal.torch.HostArrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;

/** One case: parameters, tensors, and the tolerances of its kind. */
record GoldenCase(GoldenFolder folder, JsonNode json, Set<String> read) {

  /** Distances of the original's decisions, kept for information. */
  private static final Set<String> INFORMATIVE = Set.of("argmax_gap", "confidence_gap", "inv_freq");

  GoldenCase(GoldenFolder folder, JsonNode json) {
    this(folder, json, new HashSet<>());
  }

  String id() {
    return json.path("id").asText();
  }

  String kind() {
    return json.path("kind").asText();
  }

  JsonNode parameters() {
    return json.path("parameters");
  }

  int integer(String parameter) {
    return required(parameter).intValue();
  }

  double number(String parameter) {
    return required(parameter).doubleValue();
  }

  double number(String parameter, double absent) {
    return parameters().hasNonNull(parameter) ? number(parameter) : absent;
  }

  String text(String parameter) {
    return required(parameter).asText();
  }

  OptionalDouble optionalNumber(String parameter) {
    return parameters().hasNonNull(parameter)
        ? OptionalDouble.of(number(parameter))
        : OptionalDouble.empty();
  }

  OptionalInt optionalInteger(String parameter) {
    return parameters().hasNonNull(parameter)
        ? OptionalInt.of(integer(parameter))
        : OptionalInt.empty();
  }

  private JsonNode required(String parameter) {
    JsonNode value = parameters().path(parameter);
    if (value.isMissingNode() || value.isNull()) {
      fail(id() + " has no parameter " + parameter);
    }
    return value;
  }

  boolean has(String tensor) {
    String name = id() + "/" + tensor;
    return StreamSupport.stream(json.path("tensors").spliterator(), false)
        .anyMatch(t -> t.path("name").asText().equals(name));
  }

  /** A tensor, to be closed by the caller. */
  Tensor load(String tensor) {
    read.add(tensor);
    return file().load(id() + "/" + tensor);
  }

  long[] shape(String tensor) {
    return file().tensor(id() + "/" + tensor).shape().toArray();
  }

  float[] floats(String tensor) {
    try (Tensor loaded = load(tensor)) {
      return HostArrays.toFloats(loaded);
    }
  }

  int[] ints(String tensor) {
    try (Tensor loaded = load(tensor)) {
      return HostArrays.toInts(loaded);
    }
  }

  /** Requires that every tensor of the case was read, so that none goes unchecked. */
  void assertAllRead() {
    Set<String> unread = new TreeSet<>();
    json.path("tensors")
        .forEach(t -> unread.add(t.path("name").asText().substring(id().length() + 1)));
    unread.removeAll(read);
    unread.removeAll(INFORMATIVE);
    assertEquals(Set.of(), unread, () -> id() + ": tensors that no check reads");
  }

  /** Compares with an integer tensor, if the case has it. */
  void assertExact(String tensor, int[] actual) {
    if (!has(tensor)) {
      return;
    }
    assertArrayEquals(ints(tensor), actual, id() + "/" + tensor);
  }

  /** Compares with a float tensor, if the case has it, under its kind's tolerance. */
  void assertClose(String tensor, float[] actual) {
    if (!has(tensor)) {
      return;
    }
    float[] expected = floats(tensor);
    assertEquals(expected.length, actual.length, () -> id() + "/" + tensor + ": elements");
    JsonNode tolerance = tolerance(tensor);
    double abs = tolerance.path("abs").asDouble();
    double rel = tolerance.path("rel").asDouble();
    for (int i = 0; i < expected.length; i++) {
      double bound = abs + rel * Math.abs(expected[i]);
      // Negated, so that NaN does not pass.
      if (!(Math.abs(expected[i] - actual[i]) <= bound)) {
        fail(
            String.format(
                Locale.ROOT,
                "%s/%s[%d] is %s, expected %s within %s",
                id(),
                tensor,
                i,
                actual[i],
                expected[i],
                bound));
      }
    }
  }

  private JsonNode tolerance(String tensor) {
    JsonNode tolerances = folder.kind(kind()).path("tolerances");
    String last = tensor.substring(tensor.lastIndexOf('.') + 1);
    // The other documented run of a case with ties has its kind's tolerance, a part its whole's.
    String run = last.replaceFirst("_low$", "");
    String whole = run.replaceFirst("_tail$", "");
    for (String name : new String[] {tensor, last, run, whole, "others", "all"}) {
      if (tolerances.path(name).isObject()) {
        return tolerances.path(name);
      }
    }
    return fail(kind() + " states no tolerance for " + tensor);
  }

  void assertThat(boolean condition, String what) {
    assertTrue(condition, () -> id() + ": " + what);
  }

  private SafetensorsFile file() {
    return folder.file(json.path("file").asText());
  }
}
