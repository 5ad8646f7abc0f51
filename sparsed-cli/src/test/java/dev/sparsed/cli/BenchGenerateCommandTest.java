package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class BenchGenerateCommandTest {

  private static Invocation bench(String... options) {
    String[] command = new String[options.length + 9];
    String[] fixed = {"bench", "generate", "--threads", "1", "--runs", "1", "-p", "Who is there?"};
    System.arraycopy(fixed, 0, command, 0, fixed.length);
    System.arraycopy(options, 0, command, fixed.length, options.length);
    command[command.length - 1] = "--json";
    return Invocation.of(command);
  }

  @Test
  void comparesAMethodWithFullAttention() throws Exception {
    Invocation invocation =
        bench("-n", "32", "--steps", "4", "--method", "dual-cache:block_length=16", "--profile");
    assertEquals(0, invocation.exitCode(), invocation.err());
    ObjectMapper mapper = new ObjectMapper();
    JsonNode json = mapper.readTree(invocation.out());
    assertTrue(json.path("speedup").asDouble() > 0, invocation.out());
    ObjectNode measured = mapper.createObjectNode();
    json.path("measurements").forEach(each -> measured.set(each.path("name").asText(), each));
    assertEquals(4, measured.path("full.full").path("runs").asInt(), invocation.out());
    JsonNode cached = measured.path("dual-cache:block-length=16.cached_full");
    assertEquals(2, cached.path("runs").asInt(), invocation.out());
    double shares = 0;
    for (JsonNode part : cached.path("profile")) {
      shares += part.path("share").asDouble();
    }
    assertEquals(1, shares, 1e-6);
  }

  @Test
  void takesALengthThatTheFamilysBlocksDoNotDivide() {
    Invocation invocation = bench("-n", "48", "--steps", "4", "--method", "sparsed");
    assertEquals(0, invocation.exitCode(), invocation.err());
  }
}
