package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchAttentionCommandTest {

  @Test
  void printsOneJsonObject() throws IOException {
    StringWriter out = new StringWriter();
    int exitCode =
        Sparsed.run(
            new PrintWriter(out),
            new PrintWriter(new StringWriter()),
            ("bench attention --seq 200 --heads 4 --kv-heads 2 --dim 16 --block_size 32 --gen_len 40"
                    + " --dtype float32 --runs 2 --threads 1 --json")
                .split(" ", -1));
    assertEquals(0, exitCode);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertEquals(200, json.path("shape").path("seq").asInt());
    assertEquals("float32", json.path("dtype").asText());
    double density = json.path("density").asDouble();
    assertTrue(density > 0 && density < 1, () -> "density " + density);
    assertEquals(1 / density, json.path("ideal_speedup").asDouble(), 1e-9);
    assertTrue(json.path("machine").path("cores").asInt() > 0);
    assertTrue(json.path("versions").path("sparsed").asText().matches("\\d.*"));
    assertFalse(json.path("machine").path("instructions").asText().isEmpty());
    JsonNode runtime = json.path("runtime");
    assertTrue(runtime.path("libtorch").asText().matches("\\d.*kernels for .+"), runtime::toString);
    assertTrue(runtime.path("blas").asText().matches("(OpenBLAS|MKL) .*"), runtime::toString);
    assertFalse(runtime.path("OMP_WAIT_POLICY").asText().isEmpty(), runtime::toString);
    List<String> names = new ArrayList<>();
    for (JsonNode measurement : json.path("measurements")) {
      names.add(measurement.path("name").asText());
      double median = measurement.path("median_ms").asDouble();
      assertTrue(median > 0);
      assertTrue(measurement.path("min_ms").asDouble() <= median);
      assertTrue(measurement.path("max_ms").asDouble() >= median);
      assertEquals(2, measurement.path("runs").asInt());
      assertTrue(measurement.path("gflops").asDouble() > 0);
    }
    assertTrue(
        names.containsAll(List.of("dense.torch", "scores.torch", "sparse.torch")), names::toString);
    boolean kernels = json.path("absent").path("cpu").isMissingNode();
    assertEquals(
        kernels,
        names.containsAll(
            List.of(
                "dense.cpu", "scores.cpu", "dense_select.cpu", "sparse.cpu", "sparse_keys1.cpu")),
        names::toString);
    assertEquals(kernels, json.path("peak_gflops").asDouble() > 0);
  }

  @Test
  void comparesFloat16WithNoPeakOfAnotherType() throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Sparsed.run(
            new PrintWriter(out),
            new PrintWriter(err),
            ("bench attention --seq 64 --heads 2 --kv_heads 1 --dim 16 --block_size 32 --gen_len 32"
                    + " --dtype float16 --runs 1 --threads 1 --measure dense.torch --json")
                .split(" ", -1));
    assertEquals(0, exitCode, err::toString);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertEquals("dense.torch", json.path("measurements").path(0).path("name").asText());
    assertTrue(json.path("peak_gflops").isMissingNode(), json::toString);
  }
}
