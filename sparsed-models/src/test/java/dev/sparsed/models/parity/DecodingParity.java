package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.cache.PlannedStep;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DecodingProbe;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.dream.DreamProbe;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.llada.LladaProbe;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Samplers and schedules without a model. */
final class DecodingParity {

  private static final DreamDecoding PLAIN =
      new DreamDecoding(
          DreamDecoding.Algorithm.MASKGIT_PLUS,
          0,
          OptionalDouble.empty(),
          OptionalInt.empty(),
          0,
          1e-3);

  private DecodingParity() {}

  static void numTransferTokens(GoldenCase golden) {
    int steps = golden.integer("steps");
    int[] actual =
        Arrays.stream(golden.ints("mask_counts"))
            .flatMap(count -> Arrays.stream(LladaProbe.tokensPerStep(count, steps)))
            .toArray();
    golden.assertExact("transfer", actual);
  }

  static void dreamSchedule(GoldenCase golden) {
    int steps = golden.integer("steps");
    double eps = golden.number("eps");
    golden.assertClose("timesteps", DreamProbe.times(steps, eps));
    forTensors(
        golden,
        "committed_",
        (tensor, setting) ->
            golden.assertExact(
                tensor, DreamProbe.committed(steps, eps, Integer.parseInt(setting))));
  }

  static void logitFilters(GoldenCase golden) {
    float[] logits = golden.floats("logits");
    int rows = (int) golden.shape("logits")[0];
    forTensors(
        golden,
        "top_p_",
        (tensor, setting) ->
            assertArrayEquals(
                golden.floats(tensor),
                DreamProbe.topP(logits, rows, Double.parseDouble(setting)),
                tensor));
    forTensors(
        golden,
        "top_k_",
        (tensor, setting) ->
            assertArrayEquals(
                golden.floats(tensor),
                DreamProbe.topK(logits, rows, Integer.parseInt(setting)),
                tensor));
  }

  /** Tensors are named algorithm.filters.token; filters are joined by underscores. */
  static void sampleTokens(GoldenCase golden) {
    float[] logits = golden.floats("logits");
    int rows = (int) golden.shape("logits")[0];
    for (JsonNode tensor : golden.json().path("tensors")) {
      String name = tensor.path("name").asText().substring(golden.id().length() + 1);
      if (name.endsWith(".token")) {
        String prefix = name.substring(0, name.length() - ".token".length());
        int dot = prefix.indexOf('.');
        DreamDecoding policy =
            filtered(
                PLAIN.withAlgorithm(DreamDecoding.Algorithm.of(prefix.substring(0, dot))),
                prefix.substring(dot + 1));
        DreamProbe.Choice choice = DreamProbe.choose(policy, logits, rows);
        golden.assertExact(name, choice.tokens);
        golden.assertClose(prefix + ".confidence", choice.confidences);
      }
    }
  }

  private static DreamDecoding filtered(DreamDecoding policy, String filters) {
    DreamDecoding result = policy;
    String[] words = filters.split("_", -1);
    for (int i = 0; i + 2 < words.length; i += 3) {
      result =
          switch (words[i] + "_" + words[i + 1]) {
            case "top_p" -> result.withTopP(OptionalDouble.of(Double.parseDouble(words[i + 2])));
            case "top_k" -> result.withTopK(OptionalInt.of(Integer.parseInt(words[i + 2])));
            default -> throw new IllegalArgumentException("unknown filter in " + filters);
          };
    }
    if (result.equals(policy) && !filters.equals("plain")) {
      throw new IllegalArgumentException("unknown filter " + filters);
    }
    return result;
  }

  static void dreamLoop(GoldenCase golden) {
    DreamDecoding policy =
        PLAIN
            .withAlgorithm(DreamDecoding.Algorithm.of(golden.text("alg")))
            .withTemperature(golden.number("temperature", 0))
            .withTopP(golden.optionalNumber("top_p"))
            .withTopK(golden.optionalInteger("top_k"))
            .withAlgorithmTemperature(golden.number("alg_temp", 0))
            .withEpsilon(golden.number("eps"));
    loop(golden, policy, CachePolicy.none(), golden.integer("mask_token_id"), 1);
  }

  static void lladaLoop(GoldenCase golden) {
    LladaDecoding policy =
        new LladaDecoding(
            LladaDecoding.Remasking.of(
                golden.parameters().path("remasking").asText("low_confidence")),
            golden.number("temperature", 0),
            golden.number("cfg_scale", 0),
            golden.integer("block_length"));
    loop(golden, policy, CachePolicy.none(), golden.integer("mask_id"), 0);
  }

  static void cachedDreamLoop(GoldenCase golden) {
    DreamDecoding.Blocks blocks =
        new DreamDecoding.Blocks(
            golden.integer("block_length"), DreamDecoding.Blocks.SingleStep.COMMITS_FIRST_TOKEN);
    DreamDecoding policy =
        PLAIN
            .withAlgorithm(DreamDecoding.Algorithm.of(golden.text("alg")))
            .withEpsilon(golden.number("eps"))
            .withBlocks(blocks);
    loop(golden, policy, CachePolicy.sparseDllm(), golden.integer("mask_token_id"), 1);
  }

  static void cachedLladaLoop(GoldenCase golden) {
    LladaDecoding policy = LladaDecoding.DEFAULT.withBlockLength(golden.integer("block_length"));
    loop(golden, policy, CachePolicy.sparseDllm(), golden.integer("mask_id"), 0);
  }

  /** The logits of position p are those of row p - shift, or of the first fed row. */
  private static void loop(
      GoldenCase golden, DecodingPolicy policy, CachePolicy cache, int mask, int shift) {
    int steps = golden.integer("steps");
    MaskedSequence sequence =
        new MaskedSequence(0, golden.ints("prompt"), golden.integer("gen_length"), mask);
    float[] logits = golden.floats("logits");
    int[] history = golden.ints("history");
    int length = sequence.tokens().length;
    CachePlanner planner = cache.planner(new CachedSequence(sequence.promptLength(), length, 1));
    int vocabulary = (int) golden.shape("logits")[2];
    DecodingContext context =
        DecodingProbe.context(policy, sequence, steps, Math.max(vocabulary, mask + 1));
    Decoder decoder = context.decoder();
    int[] committed = new int[steps];
    int[] states = new int[steps];
    for (int step = 0; step < steps; step++) {
      int open = count(sequence, mask);
      DecodingStep next = decoder.next();
      CachePlan plan = planner.plan(new PlannedStep(next));
      int first = plan.fed(length).first();
      states[step] = SparseDllmParity.state(plan.use(length));
      Positions positions = decoder.begin(next, plan.fed(length));
      if (!positions.isEmpty()) {
        int[] rows = positions.stream().map(p -> Math.max(first, p - shift)).toArray();
        DecodingProbe.commit(
            decoder,
            context,
            next,
            positions,
            DecodingProbe.source(logits, step * length * vocabulary, vocabulary, rows));
      }
      committed[step] = open - count(sequence, mask);
      assertArrayEquals(
          Arrays.copyOfRange(history, step * length, (step + 1) * length),
          sequence.tokens(),
          golden.id() + " after step " + step);
    }
    golden.assertThat(!decoder.hasNext(), "no step is left");
    golden.assertExact("final", sequence.tokens());
    golden.assertExact("committed", committed);
    golden.assertExact("cache_states", states);
    assertEquals(history.length, steps * length);
  }

  private static int count(MaskedSequence sequence, int mask) {
    return (int)
        Arrays.stream(sequence.tokens())
            .skip(sequence.promptLength())
            .filter(token -> token == mask)
            .count();
  }

  private static void forTensors(GoldenCase golden, String prefix, Check check) {
    for (JsonNode tensor : golden.json().path("tensors")) {
      String name = tensor.path("name").asText().substring(golden.id().length() + 1);
      if (name.startsWith(prefix)) {
        check.run(name, name.substring(prefix.length()));
      }
    }
  }

  private interface Check {
    void run(String tensor, String setting);
  }
}
