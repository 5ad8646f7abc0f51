package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.cpu.CpuKernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchProductsCommandTest {

  private static Invocation run(String options) {
    return Invocation.of(("bench products " + options).split(" ", -1));
  }

  @Test
  void measuresEveryFormatWithEveryNumberOfRows() throws IOException {
    assumeTrue(CpuKernels.isAvailable());
    Invocation invocation =
        run("--weights rows,bf16,q8,q4 --rows 1,40 --inputs 64 --outputs 50 --runs 2 --json");
    assertEquals(0, invocation.exitCode(), invocation.err());
    JsonNode json = new ObjectMapper().readTree(invocation.out());
    List<String> measured = new ArrayList<>();
    for (JsonNode each : json.path("measurements")) {
      measured.add(each.path("weights").asText() + " " + each.path("rows").asInt());
      assertTrue(each.path("gflops").asDouble() > 0);
      assertEquals(
          each.path("gflops").asDouble() / json.path("peak_gflops").asDouble(),
          each.path("share_of_peak").asDouble(),
          1e-6);
    }
    assertEquals(
        List.of("rows 1", "rows 40", "bf16 1", "bf16 40", "q8 1", "q8 40", "q4 1", "q4 40"),
        measured);
  }

  @Test
  void printsATable() {
    assumeTrue(CpuKernels.isAvailable());
    Invocation invocation = run("--weights q4 --rows 3 --inputs 64 --outputs 50 --runs 1");
    assertTrue(invocation.out().contains("q4"), invocation.out());
  }

  @Test
  void namesWhatItDoesNotKnow() {
    assertEquals(2, run("--weights q3").exitCode());
    assertEquals(2, run("--inputs 33").exitCode());
    assertTrue(run("--weights q3").err().contains("q3"));
  }
}
