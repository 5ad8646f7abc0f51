package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class BenchThroughputCommandTest {

  @Test
  void printsOneJsonObject() throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Sparsed.run(
            new PrintWriter(out),
            new PrintWriter(err),
            ("bench throughput --sequences 3 -n 16 --steps 16 --cache dual-cache --block_length 8"
                    + " --threads 1 --json")
                .split(" ", -1));
    assertEquals(0, exitCode, err::toString);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertEquals(3, json.path("sequences").asInt());
    assertEquals(16, json.path("gen_len").asInt());
    double serial = json.path("serial_tokens_per_second").asDouble();
    double shared = json.path("shared_tokens_per_second").asDouble();
    assertEquals(48, serial * json.path("serial_seconds").asDouble(), 1e-6);
    assertEquals(48, shared * json.path("shared_seconds").asDouble(), 1e-6);
    assertEquals(shared / serial, json.path("ratio").asDouble(), 1e-9);
    assertTrue(json.path("identical").isBoolean());
    // What is said to be exact is the same.
    assertTrue(json.path("identical").asBoolean() || !json.path("exact").asBoolean());
    assertTrue(json.path("passes").asInt() > 0);
    double step = json.path("serial_cached_step_ms").asDouble();
    assertEquals(
        3 * step / json.path("shared_cached_step_ms").asDouble(),
        json.path("cached_ratio").asDouble(),
        1e-9);
  }

  @Test
  void noSequencesAreBadUse() {
    StringWriter err = new StringWriter();
    int exitCode =
        Sparsed.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            "bench",
            "throughput",
            "--sequences",
            "0");
    assertEquals(2, exitCode);
    assertTrue(err.toString().contains("--sequences must be 1 to 1024 but is 0"), err::toString);
  }
}
