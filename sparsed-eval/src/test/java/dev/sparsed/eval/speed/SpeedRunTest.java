package dev.sparsed.eval.speed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeedRunTest {

  private static final ImmutableList<SpeedCase> CASES =
      ImmutableList.of(
          new SpeedCase("full", 4096, 64, 64),
          new SpeedCase("sparsed", 4096, 64, 64),
          new SpeedCase("sparse-dllm", 4096, 64, 64),
          new SpeedCase("impossible", 4096, 64, 64),
          new SpeedCase("full", 8192, 64, 64),
          new SpeedCase("sparsed", 8192, 64, 64),
          new SpeedCase("sparse-dllm", 8192, 64, 64));

  /** Times that are known: the first generation of each case is slow and must not count. */
  private static SpeedSubject subject(List<SpeedCase> asked) {
    return new SpeedSubject() {
      @Override
      public void check(SpeedCase speedCase) {
        if (speedCase.method().equals("impossible")) {
          throw new IllegalArgumentException("no such pair");
        }
      }

      @Override
      public SpeedSample generate(SpeedCase speedCase) {
        boolean first =
            asked.stream()
                .noneMatch(
                    other ->
                        other.method().equals(speedCase.method())
                            && other.context() == speedCase.context());
        asked.add(speedCase);
        double factor =
            switch (speedCase.method()) {
              case "full" -> 1;
              case "sparsed" -> 0.5;
              default -> 0.125;
            };
        double seconds = speedCase.context() / 1024.0 * factor * (first ? 100 : 1);
        return new SpeedSample(
            seconds,
            48,
            64,
            OptionalInt.of(64),
            ImmutableList.of(
                new SpeedSample.Step("full", seconds / 2), new SpeedSample.Step("sparse", 0.01)),
            OptionalLong.of(123),
            "");
      }
    };
  }

  private static SpeedReport report(List<SpeedCase> asked) {
    return new SpeedReport(
        ImmutableMap.of("model", "tiny"),
        "Tokens after the first end of text do not count.",
        "full",
        new SpeedRun(1, OptionalInt.of(2), 3).measure(subject(asked), CASES, row -> {}),
        CASES.size());
  }

  @Test
  void measuresWithoutTheWarmUp() {
    List<SpeedCase> asked = new ArrayList<>();
    SpeedReport report = report(asked);
    assertEquals(6 * 4, asked.size());
    assertEquals(2, asked.get(0).steps());
    assertTrue(asked.subList(1, 4).stream().allMatch(measured -> measured.steps() == 64));
    SpeedRow full = report.rows().get(0);
    assertEquals(4.0, full.measured().orElseThrow().seconds().max());
    assertEquals(12.0, full.measured().orElseThrow().tokensPerSecond().median());
    assertEquals(OptionalDouble.of(2), report.ratio(report.rows().get(1)));
    assertEquals(OptionalDouble.of(8), report.ratio(report.rows().get(6)));
    assertFalse(report.rows().get(3).measured().isPresent());
    assertTrue(report.toText().contains("impossible at 4096: no such pair"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "CUDA out of memory. Tried to allocate", "can't allocate memory"})
  void goesOnAfterACaseTheMemoryDoesNotSufficeFor(String how) {
    SpeedSubject subject =
        speedCase -> {
          if (speedCase.context() > 4096) {
            throw how.equals("java") ? new OutOfMemoryError("heap") : fail(how);
          }
          return new SpeedSample(
              1, 1, 1, OptionalInt.empty(), ImmutableList.of(), OptionalLong.empty(), "");
        };
    ImmutableList<SpeedRow> rows =
        new SpeedRun(0, OptionalInt.empty(), 1)
            .measure(
                subject,
                ImmutableList.of(
                    new SpeedCase("full", 8192, 8, 8), new SpeedCase("full", 4096, 8, 8)),
                row -> {});
    assertFalse(rows.get(0).measured().isPresent());
    assertTrue(rows.get(0).note().startsWith("out of memory"), rows.get(0).note());
    assertEquals(SpeedRow.Outcome.OUT_OF_MEMORY, rows.get(0).outcome());
    assertTrue(rows.get(1).measured().isPresent());
  }

  private static OutOfMemoryError fail(String message) {
    throw new IllegalStateException("step 3 failed", new RuntimeException(message));
  }

  @Test
  void doesNotTakeAFaultForACaseThatIsNotPossible() {
    SpeedSubject subject =
        speedCase -> {
          throw new IllegalArgumentException("a fault");
        };
    SpeedRun run = new SpeedRun(0, OptionalInt.empty(), 1);
    assertThrows(IllegalArgumentException.class, () -> run.measure(subject, CASES, row -> {}));
  }

  @Test
  void checksTheStepsOfTheWarmUpToo() {
    SpeedSubject subject =
        new SpeedSubject() {
          @Override
          public void check(SpeedCase speedCase) {
            if (speedCase.steps() % 2 == 1) {
              throw new IllegalArgumentException("an odd number of steps");
            }
          }

          @Override
          public SpeedSample generate(SpeedCase speedCase) {
            check(speedCase);
            return new SpeedSample(
                1, 1, 1, OptionalInt.empty(), ImmutableList.of(), OptionalLong.empty(), "");
          }
        };
    SpeedRow row = new SpeedRun(1, OptionalInt.of(3), 1).measure(subject, CASES, r -> {}).get(0);
    assertEquals("its warm-up of 3 steps is refused: an odd number of steps", row.note());
  }

  @Test
  void writesJsonThatProgramsCanRely() {
    JsonNode json = report(new ArrayList<>()).toJson();
    assertEquals("tiny", json.get("about").get("model").asText());
    assertTrue(json.get("end_of_text").asText().contains("end of text"));
    JsonNode row = json.get("measurements").get(1);
    for (String field :
        new String[] {
          "method",
          "context",
          "generation",
          "steps",
          "possible",
          "out_of_memory",
          "note",
          "runs",
          "tokens_per_second",
          "seconds",
          "tokens",
          "positions",
          "positions_per_second",
          "ratio",
          "phases",
          "host_peak_bytes",
          "device_peak_bytes"
        }) {
      assertTrue(row.has(field), field);
    }
    assertEquals(3, row.get("runs").asInt());
    assertEquals(48, row.get("tokens").asInt());
    assertEquals(2.0, row.get("ratio").asDouble());
    assertEquals("full", row.get("phases").get(0).get("phase").asText());
    assertEquals(1, row.get("phases").get(0).get("steps").asInt());
    assertEquals(1.0, row.get("phases").get(0).get("seconds_per_step").get("median").asDouble());
    assertFalse(json.get("measurements").get(3).get("possible").asBoolean());
  }

  @Test
  void drawsAChart(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("speed.png");
    SpeedChart.write(report(new ArrayList<>()), file);
    BufferedImage image = Objects.requireNonNull(ImageIO.read(file.toFile()));
    assertEquals(1800, image.getWidth());
    // Two panels, and below them what was measured on what.
    assertTrue(image.getHeight() > 470 + 2 * 13, "height " + image.getHeight());
    assertTrue(colours(image.getSubimage(0, 470, 1800, image.getHeight() - 470)) > 2, "words");
    long coloured = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        coloured += (image.getRGB(x, y) & 0xFFFFFF) == 0x0072B2 ? 1 : 0;
      }
    }
    assertTrue(coloured > 1000, "bars of the second method are there");
  }

  private static long colours(BufferedImage image) {
    return Arrays.stream(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, 1800))
        .distinct()
        .count();
  }

  @Test
  void aTableBeginsAtOnceAndFitsATerminal() {
    ImmutableMap<String, String> about =
        ImmutableMap.<String, String>builder()
            .put("model", "demo")
            .put("checkpoint", "0123456789abcdef")
            .put("dtype", "as stored")
            .put("device", "cpu")
            .put("method full", "attention full, decoding of the family")
            .put("sampling temperature", "default")
            .put("sampling top_p", "0.5")
            .put("runs", "3 after 1 that do not count")
            .put("machine", "a processor, 2 logical cores")
            .put("java", "17")
            .buildOrThrow();
    ImmutableList<SpeedRow> rows = ImmutableList.copyOf(report(new ArrayList<>()).rows());
    String text = new SpeedReport(about, "End.", "full", rows, rows.size()).toText();
    List<String> lines = text.lines().toList();
    assertEquals(
        List.of(
            "demo, as stored, cpu",
            "a processor, 2 logical cores",
            "runs: 3 after 1 that do not count",
            "top_p 0.5",
            ""),
        lines.subList(0, 5));
    assertTrue(lines.get(5).startsWith("method"), text);
    assertTrue(lines.stream().allMatch(line -> line.length() <= 100), text);
    assertTrue(text.contains("full at 4096, ms per step: full "), text);
  }

  @Test
  void longNamesOfMethodsBreakNoLine() {
    String name = "sparsed:select=0.5:skip=0.25+sparse-dllm:keep_ratio=0.4+threshold";
    SpeedSubject subject =
        its ->
            new SpeedSample(
                1, 1, 1, OptionalInt.empty(), ImmutableList.of(), OptionalLong.of(5), "");
    ImmutableList<SpeedRow> rows =
        new SpeedRun(0, OptionalInt.empty(), 1)
            .measure(subject, ImmutableList.of(new SpeedCase(name, 65536, 1024, 1024)), row -> {});
    String text = new SpeedReport(ImmutableMap.of(), "End.", name, rows, 1).toText();
    assertTrue(text.contains("\n" + name + "\n"), text);
    assertTrue(text.contains("card MiB"), text);
  }

  @Test
  void seesMemoryThatWasUsedAndSetsTheCountBack() {
    HostMemory memory = new HostMemory();
    memory.restart();
    Assumptions.assumeTrue(
        memory.isReset() && memory.peakBytes().isPresent(),
        "this system does not let a process set back its peak memory");
    long before = memory.peakBytes().getAsLong();
    java.nio.ByteBuffer large = java.nio.ByteBuffer.allocateDirect(64 << 20);
    for (int at = 0; at < large.capacity(); at += 4096) {
      large.put(at, (byte) 1);
    }
    assertTrue(memory.peakBytes().getAsLong() >= before + (48 << 20));
    assertEquals(1, large.get(0));
  }
}
