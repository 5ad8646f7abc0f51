package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Generations of Fast-dLLM's published code: tokens, and how many forward passes they took. */
final class FastDllmParity {

  private static final Set<String> KEYS =
      Set.of(
          "id",
          "model",
          "family",
          "prompt",
          "gen",
          "steps",
          "block",
          "single",
          "alg",
          "cache",
          "threshold",
          "expect",
          "nfe",
          "spb");

  private FastDllmParity() {}

  /** The cases of a file, one a line. */
  static List<JsonNode> lines(Path file) {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        lines.add(json.readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  static void run(JsonNode line, DiffusionModel model) {
    String id = line.path("id").asText();
    assertEquals(Set.of(), unknown(line), id + ": fields that are not understood");
    int[] prompt = ints(line, "prompt");
    int length = line.path("gen").intValue();
    Passes passes = new Passes(prompt.length, length, model.config().maskToken());
    GenerationResult result =
        model.generate(
            GenerationRequest.builder()
                .prompt(prompt)
                .generationLength(length)
                .steps(line.path("steps").intValue())
                .decoding(decoding(line))
                .cache(cache(line))
                .stopAt()
                .build(),
            passes);
    assertArrayEquals(ints(line, "expect"), result.generated(0), id);
    assertEquals(line.path("nfe").intValue(), passes.published(line), id + ": passes");
  }

  private static Set<String> unknown(JsonNode line) {
    Set<String> names = new TreeSet<>();
    line.fieldNames().forEachRemaining(names::add);
    names.removeAll(KEYS);
    return names;
  }

  private static DecodingPolicy decoding(JsonNode line) {
    DecodingPolicy sampler =
        switch (line.path("family").asText()) {
          case "llada" -> LladaDecoding.DEFAULT.withBlockLength(line.path("block").intValue());
          case "dream" -> dream(line);
          default -> throw new IllegalArgumentException("unknown family in " + line);
        };
    return line.hasNonNull("threshold")
        ? new ParallelDecoding(sampler, line.path("threshold").doubleValue())
        : sampler;
  }

  /** Without a cache the published code has no blocks. */
  private static DreamDecoding dream(JsonNode line) {
    DreamDecoding dream =
        new DreamDecoding(
            DreamDecoding.Algorithm.of(line.path("alg").asText()),
            0,
            OptionalDouble.empty(),
            OptionalInt.empty(),
            0,
            1e-3);
    if (line.path("cache").asText().equals("none")) {
      return dream;
    }
    String single = line.path("single").asText("first");
    return dream.withBlocks(
        new DreamDecoding.Blocks(
            line.path("block").intValue(),
            switch (single) {
              case "first" -> DreamDecoding.Blocks.SingleStep.COMMITS_FIRST_TOKEN;
              case "block" -> DreamDecoding.Blocks.SingleStep.COMMITS_BLOCK;
              default -> throw new IllegalArgumentException("unknown single " + single);
            }));
  }

  private static CachePolicy cache(JsonNode line) {
    return switch (line.path("cache").asText()) {
      case "none" -> CachePolicy.none();
      case "prefix" -> CachePolicy.prefix();
      case "dual" -> CachePolicy.dual();
      default -> throw new IllegalArgumentException("unknown cache in " + line);
    };
  }

  private static int[] ints(JsonNode line, String field) {
    return new ObjectMapper().convertValue(line.path(field), int[].class);
  }

  /**
   * Counts passes. The published code also runs some that decide nothing and change nothing, and
   * these are not run here: with a cache it looks at a block once more that its first pass
   * completed, and with a fixed schedule it runs steps that commit no token, and after the last one
   * another if positions are still masked.
   */
  private static final class Passes implements GenerationListener {

    private final int promptLength;
    private final int length;
    private final int mask;
    private final List<Integer> firstOpen = new ArrayList<>();
    private final List<Boolean> decided = new ArrayList<>();
    private int[] before;

    Passes(int promptLength, int length, int mask) {
      this.promptLength = promptLength;
      this.length = length;
      this.mask = mask;
      this.before = new int[length];
      Arrays.fill(before, mask);
    }

    @Override
    public Reaction onStep(GenerationProgress progress) {
      firstOpen.add(indexOfMask(0, length));
      int[] tokens = progress.sequences().get(0);
      before = Arrays.copyOfRange(tokens, promptLength, tokens.length);
      decided.add(progress.decided().get(0).length > 0);
      return Reaction.CONTINUE;
    }

    /** Index of the first masked token of a range, or its end. */
    private int indexOfMask(int from, int to) {
      int at = from;
      while (at < to && before[at] != mask) {
        at++;
      }
      return at;
    }

    /** How many passes the published code takes for the same commits. */
    int published(JsonNode line) {
      boolean cached = !line.path("cache").asText().equals("none");
      boolean threshold = line.hasNonNull("threshold");
      boolean dream = line.path("family").asText().equals("dream");
      if (dream && !cached) {
        return decided.size();
      }
      int block = line.path("block").intValue();
      int perBlock = line.path("steps").intValue() / (length / block);
      int passes = 0;
      for (int start = 0, number = 0; start < length; start += block, number++) {
        int ofBlock =
            threshold
                ? stepsThatBeginWithin(start, start + block)
                : stepsUntilComplete(start, start + block, number, perBlock);
        passes += cached ? Math.max(2, ofBlock) : ofBlock;
      }
      return passes;
    }

    private int stepsThatBeginWithin(int from, int to) {
      return (int) firstOpen.stream().filter(at -> at >= from && at < to).count();
    }

    private int stepsUntilComplete(int from, int to, int number, int perBlock) {
      if (indexOfMask(from, to) < to) {
        return perBlock + 1;
      }
      int steps = perBlock;
      while (!decided.get(number * perBlock + steps - 1)) {
        steps--;
      }
      return steps;
    }
  }
}
