package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {

  private static final String TOKENS = "5,17,33,2,90,41,7,12,60,61,62,63,64,65,66,67";

  private static JsonNode generate(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--json", "--threads", "1"));
    Invocation invocation = Invocation.of(all.toArray(new String[0]));
    assertEquals(0, invocation.exitCode(), invocation.err());
    return new ObjectMapper().readTree(invocation.out());
  }

  @Test
  void answersTheShortQuestionWithTheEmbeddedModel() throws IOException {
    JsonNode json = generate("generate", "--seq_len", "32", "--steps", "32");
    assertEquals(32, json.path("tokens").size());
    assertEquals(32, json.path("steps").asInt());
    assertTrue(json.path("found").asBoolean(), json::toString);
    assertTrue(json.path("seconds").asDouble() > 0);
    assertFalse(json.path("reason").asText().isEmpty());
  }

  /** Tokens of prompts are compared by what the same seed and model answer to them. */
  private static JsonNode asked(String... prompt) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("generate", "--seq_len", "32", "--steps", "1"));
    arguments.addAll(List.of(prompt));
    return generate(arguments.toArray(new String[0]));
  }

  @Test
  void rawPromptsAreFedAsTheyAre(@TempDir Path folder) throws IOException {
    String code = "    def f(x):\n        return x\n\n";
    Path file = Files.writeString(folder.resolve("code.py"), "\ufeff" + code);
    JsonNode inline = asked("--raw", "--prompt", code);
    JsonNode read = asked("--raw", "--prompt", "@" + file);
    assertTrue(inline.path("prompt_tokens").asInt() > 5, inline::toString);
    assertEquals(inline.path("prompt_tokens"), read.path("prompt_tokens"));
    assertEquals(inline.path("tokens"), read.path("tokens"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"@home", "4k", "-", "short_context"})
  void everyPromptCanBeSaid(String text, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("prompt"), text);
    JsonNode said = asked("--prompt_text", text);
    assertEquals(asked("--prompt", "@" + file).path("tokens"), said.path("tokens"));
  }

  private static final String FACTS =
      "Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. ";

  @Test
  void gapsAreFilledInWithBothSidesInView() throws IOException {
    // As in a conversation: of such texts the demo model has learnt to fill gaps.
    String before = "<|user|>" + FACTS + "What does Magnus keep?<|end|><|assistant|>";
    for (String method : List.of("full", "sparsed", "dual-cache:block_length=2", "threshold")) {
      JsonNode json =
          generate(
              "generate", "--infill", before + "Magnus <gap:1> a <gap:1>.", "--method", method);
      assertEquals(before + "Magnus keeps a goat.", json.path("answer").asText());
      assertEquals("[\"keeps\",\"goat\"]", json.path("gaps").toString());
      assertEquals(2, json.path("tokens").size());
    }
  }

  @Test
  void gapsAreShownWhileTheyAreFilledIn(@TempDir Path folder) throws Exception {
    Path page = folder.resolve("page.html");
    Path picture = folder.resolve("picture.svg");
    Invocation live =
        Invocation.of(
            "generate",
            "--live",
            "--infill",
            FACTS + "Ulla plays the <gap:1>. Stefan lives in <gap:1>.",
            "--picture",
            picture.toString(),
            "--report",
            page.toString());
    assertEquals(0, live.exitCode(), live.err());
    assertEquals(FACTS + "Ulla plays the piano. Stefan lives in Orrest.", live.out().strip());
    assertTrue(live.err().contains("Gap 2: \"Orrest\""), live.err());
    assertTrue(live.err().contains("lives in"), live.err());
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertTrue(Files.readString(page).contains("-2"), "given tokens are marked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a <gap:x>|does not say how many",
        "a|has no gap",
        "a <gap:3> -p q|-p has no meaning",
        "a <gap:3> --raw|--raw",
        "a <gap:3> -n 3|-n has no meaning",
        "a <gap:3> --tokens 1|--tokens",
        "a <gap:3> --block_length 2|do not divide",
      })
  void gapsThatCannotBeFilledInAreRefused(String arguments, String why) {
    int text = arguments.indexOf(" -");
    List<String> all = new ArrayList<>(List.of("generate", "--infill"));
    all.add(text < 0 ? arguments : arguments.substring(0, text));
    if (text >= 0) {
      all.addAll(List.of(arguments.substring(text + 1).split(" ")));
    }
    Invocation refused = Invocation.of(all.toArray(new String[0]));
    assertEquals(2, refused.exitCode());
    assertTrue(refused.err().contains(why), refused.err());
  }

  @Test
  void evaluationsFillGapsIn(@TempDir Path folder) throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("tasks.jsonl"),
            """
            {"infill": "%sStefan lives in <gap:1>.", "references": "Orrest"}
            {"infill": "%sUlla plays the <gap:1>. Stefan lives in <gap:1>.", "references": "piano\\nOrrest"}
            """
                .formatted(FACTS, FACTS));
    Path out = folder.resolve("out.jsonl");
    Invocation asked =
        Invocation.of(
            "eval",
            "accuracy",
            "--data",
            data.toString(),
            "--metric",
            "exact_match",
            "--method",
            "dual-cache",
            "--out",
            out.toString());
    assertEquals(0, asked.exitCode(), asked.err());
    assertTrue(asked.out().contains("100"), asked.out());
  }

  @Test
  void runsLladaOnTokenIds() throws IOException {
    JsonNode json =
        generate(
            "llada",
            "--model_path",
            Invocation.checkpoint("tiny-llada"),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--steps=16",
            "--block-length=8",
            "--block_size=8",
            "--sparsity=always");
    assertEquals(16, json.path("tokens").size());
    assertEquals(16, json.path("prompt_tokens").asInt());
    assertTrue(json.path("sparse").asBoolean());
    JsonNode phases = json.path("phases");
    assertEquals(4, phases.path("full").path("steps").asInt());
    assertEquals(1, phases.path("full_and_select").path("steps").asInt());
    assertEquals(11, phases.path("sparse").path("steps").asInt());
    assertTrue(json.path("density").asDouble() > 0 && json.path("density").asDouble() <= 1);
  }

  @Test
  void tellsWhenTheSequenceIsLongerThanTheModelWasTrainedFor(@TempDir Path folder)
      throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Path.of(Invocation.checkpoint("tiny-dream"), file), folder.resolve(file));
    }
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"max_position_embeddings\": 131072", "\"max_position_embeddings\": 20"));
    String[] arguments = {
      "generate", "--model_path", folder.toString(), "--tokens", TOKENS, "--steps", "1", "--seq_len"
    };
    Invocation longer = Invocation.of(with(arguments, "5"));
    assertEquals(0, longer.exitCode(), longer.err());
    assertTrue(longer.err().contains("21 positions, more than the 20"), longer.err());
    Invocation within = Invocation.of(with(arguments, "4"));
    assertFalse(within.err().contains("positions"), within.err());
  }

  private static String[] with(String[] arguments, String last) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }

  @Test
  void runsDreamOnTokenIdsTheSameForTheSameSeed() throws IOException {
    String[] arguments = {
      "dream",
      "--model_path",
      Invocation.checkpoint("tiny-dream"),
      "--tokens",
      TOKENS,
      "--seq_len",
      "8",
      "--steps",
      "8",
      "--seed",
      "3",
      "--temperature",
      "0.8"
    };
    assertEquals(generate(arguments).path("tokens"), generate(arguments).path("tokens"));
  }

  @Test
  void originNeverTurnsSparse() throws IOException {
    JsonNode json =
        generate(
            "dream",
            "--model_path",
            Invocation.checkpoint("tiny-dream"),
            "--tokens",
            TOKENS,
            "--seq_len",
            "8",
            "--steps",
            "8",
            "--origin");
    assertFalse(json.path("sparse").asBoolean());
    assertEquals(8, json.path("phases").path("full").path("steps").asInt());
  }

  @ParameterizedTest
  @CsvSource({"sliding-window,none", "sinks-window,dual-cache"})
  void fixedPatternsAreFollowedFromTheFirstStepOn(String attention, String cache)
      throws IOException {
    // 16 + 16 tokens in 8 blocks of 4: a row reads its own block, and one more on either side.
    JsonNode json =
        generate(
            "llada",
            "--model_path",
            Invocation.checkpoint("tiny-llada"),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--steps=16",
            "--block_length=8",
            "--block_size=4",
            "--sparsity=always",
            "--attention=" + attention,
            "--window=1",
            "--cache=" + cache);
    assertTrue(json.path("sparse").asBoolean(), json::toString);
    assertEquals(16, json.path("phases").path("sparse").path("steps").asInt(), json::toString);
    assertTrue(json.path("density").asDouble() > 0, json::toString);
    assertTrue(json.path("density").asDouble() < 1, json::toString);
  }

  private static JsonNode tiny(String checkpoint, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("generate", "--tokens", TOKENS));
    all.addAll(List.of("--model_path", Invocation.checkpoint(checkpoint)));
    all.addAll(List.of("--seq_len=16", "--steps=16", "--sparsity=always"));
    all.addAll(Arrays.asList(arguments));
    return generate(all.toArray(new String[0])).path("tokens");
  }

  @Test
  void aMethodsNameSaysWhatItsOptionsSay() throws IOException {
    assertEquals(
        tiny(
            "tiny-llada",
            "--attention=Sinks_Window",
            "--block_size=4",
            "--window=0",
            "--sinks=2",
            "--cache=sparse_dllm",
            "--keep_ratio=0.3",
            "--keep_prefix",
            "--threshold=0.6",
            "--block_length=8"),
        tiny(
            "tiny-llada",
            "--method=sinks+window:block_size=4:window=0:sinks=2+sparse-dllm:keep_ratio=0.3"
                + ":keep_prefix+threshold:threshold=0.6:block_length=8"));
    assertEquals(
        tiny(
            "tiny-dream",
            "--select=0.4",
            "--block_size=4",
            "--cache=dual-cache",
            "--delay=1",
            "--block_length=8"),
        tiny(
            "tiny-dream",
            "--method=SparseD+dual-cache",
            "--select=0.4",
            "--block_size=4",
            "--delay=1",
            "--block_length=8"));
    assertEquals(tiny("tiny-dream", "--origin"), tiny("tiny-dream", "--method=full"));
  }

  @ParameterizedTest
  @MethodSource("presets")
  void takesEveryMethodThatTheEvaluationTakes(String preset) throws IOException {
    for (String checkpoint : List.of("tiny-dream", "tiny-llada")) {
      String method = "--method=" + preset + ":block_length=16";
      assertEquals(16, tiny(checkpoint, method).size(), preset);
    }
  }

  static List<String> presets() {
    return Method.presets();
  }

  @Test
  void writesTheAnswerToOutAndTheRestToErr() {
    Invocation invocation = Invocation.of("generate", "--seq_len=32", "--steps=32");
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertEquals(1, invocation.out().lines().count(), invocation.out());
    assertTrue(invocation.err().contains("step 32/32"), invocation.err());
    assertTrue(invocation.err().contains("Running time"), invocation.err());
    assertFalse(invocation.err().contains("\r"), "no bar is drawn where there is no terminal");
  }

  @Test
  void aCheckpointWithoutTokenizerSaysSo() {
    Invocation invocation =
        Invocation.of("generate", "--model_path", Invocation.checkpoint("tiny-llada"));
    assertEquals(1, invocation.exitCode());
    assertTrue(invocation.err().contains("tokenizer.json"), invocation.err());
    assertFalse(invocation.showsStackTrace());
  }

  @ParameterizedTest
  @CsvSource({"tiny-dream,sparse-dllm", "tiny-dream,dual-cache", "tiny-llada,prefix-cache"})
  void cachesAndParallelDecodingGoTogether(String checkpoint, String cache) throws IOException {
    JsonNode json =
        generate(
            "generate",
            "--model_path",
            Invocation.checkpoint(checkpoint),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--steps=16",
            "--block_length=8",
            "--cache=" + cache,
            "--threshold=0.5");
    assertEquals(16, json.path("tokens").size());
    assertTrue(json.path("cache").path("whole_passes").asInt() >= 2, json::toString);
    assertTrue(json.path("cache").path("peak_bytes").asLong() > 0, json::toString);
  }

  @Test
  void wherePublishedStepsDoNotFitTheBlocksThereIsOnePerToken() throws IOException {
    String[] arguments = {
      "generate",
      "--model_path",
      Invocation.checkpoint("tiny-llada"),
      "--tokens",
      TOKENS,
      "-n",
      "96"
    };
    assertEquals(96, generate(arguments).path("steps").asInt());
    arguments[arguments.length - 1] = "64";
    assertEquals(128, generate(arguments).path("steps").asInt());
  }

  @Test
  void aGenerationThatHasNoWholeBlocksIsOneBlock() throws IOException {
    for (String length : List.of("16", "33")) {
      JsonNode json =
          generate(
              "generate",
              "--model_path",
              Invocation.checkpoint("tiny-llada"),
              "--tokens",
              TOKENS,
              "--seq_len=" + length);
      assertEquals(length, Integer.toString(json.path("tokens").size()));
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-dream", "tiny-llada"})
  void withAThresholdThereAreAsManyStepsAsItTakes(String checkpoint) throws IOException {
    for (double threshold : new double[] {0, 1}) {
      JsonNode json =
          generate(
              "generate",
              "--model_path",
              Invocation.checkpoint(checkpoint),
              "--tokens",
              TOKENS,
              "--seq_len=64",
              "--threshold=" + threshold,
              "--temperature=0");
      // Two blocks, or two steps over all positions.
      assertEquals(threshold == 0 ? 2 : 64, json.path("steps").asInt(), json::toString);
    }
  }

  @Test
  void forbiddenTokensAreNotWrittenAndOpenPositionsAreCounted() throws IOException {
    JsonNode free =
        generate(
            "generate",
            "--model_path",
            Invocation.checkpoint("tiny-llada"),
            "--tokens",
            TOKENS,
            "--seq_len=16");
    String first = free.path("tokens").path(0).asText();
    JsonNode without =
        generate(
            "generate",
            "--model_path",
            Invocation.checkpoint("tiny-llada"),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--min_length=2",
            "--forbid_tokens=mask," + first);
    without.path("tokens").forEach(token -> assertFalse(token.asText().equals(first), first));
    assertEquals(0, without.path("open_positions").asInt(-1));
  }

  @Test
  void earlyStopSparesStepsAndLeavesTheAnswerAsItIs() throws IOException {
    JsonNode whole =
        generate("generate", "--seq_len=64", "--steps=64", "--origin", "--full_length");
    JsonNode stopped = generate("generate", "--seq_len=64", "--steps=64", "--origin");
    assertEquals(whole.path("answer"), stopped.path("answer"));
    assertEquals(64, stopped.path("steps").asInt());
    assertEquals(64, whole.path("phases").path("full").path("forward_passes").asInt());
    assertTrue(
        stopped.path("phases").path("full").path("forward_passes").asInt() < 64, stopped::toString);
  }

  @Test
  void timesAnyMethodAgainstFullAttention() throws IOException {
    JsonNode json =
        generate(
            "bench",
            "generate",
            "--model_path",
            Invocation.checkpoint("tiny-dream"),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--steps=16",
            "--method=dual-cache",
            "--block_length=8",
            "--runs=1");
    List<String> names = new ArrayList<>();
    json.path("measurements").forEach(entry -> names.add(entry.path("name").asText()));
    assertEquals(
        List.of("full", "full.full", "dual-cache", "dual-cache.full", "dual-cache.cached_full"),
        names);
    assertTrue(json.path("speedup").asDouble() > 0);
  }

  @Test
  void tellsWhatTheTimeOfStepsGoesTo() throws IOException {
    JsonNode json =
        generate(
            "bench",
            "generate",
            "--model_path",
            Invocation.checkpoint("tiny-dream"),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--steps=16",
            "--method=dual-cache",
            "--block_length=8",
            "--profile",
            "--runs=1");
    int steps = 0;
    for (JsonNode measurement : json.path("measurements")) {
      JsonNode profile = measurement.path("profile");
      assertEquals(measurement.path("name").asText().contains("."), !profile.isMissingNode());
      if (!profile.isMissingNode()) {
        steps++;
        double shares = 0;
        for (JsonNode part : profile) {
          shares += part.path("share").asDouble();
        }
        assertEquals(1, shares, 1e-9);
        for (String part : List.of("products", "attention", "norms", "rotary", "head", "sampler")) {
          assertTrue(profile.path(part).path("ms_per_step").asDouble() > 0, part);
        }
      }
    }
    assertEquals(3, steps);
  }

  @Test
  void timesGenerations() throws IOException {
    JsonNode json =
        generate(
            "bench",
            "generate",
            "--model_path",
            Invocation.checkpoint("tiny-llada"),
            "--tokens",
            TOKENS,
            "--seq_len=16",
            "--steps=16",
            "--block_length=16",
            "--block_size=8",
            "--runs=2");
    List<String> names = new ArrayList<>();
    json.path("measurements").forEach(entry -> names.add(entry.path("name").asText()));
    json.path("measurements")
        .forEach(entry -> assertFalse(entry.has("gflops"), "no operations are counted"));
    assertEquals(
        List.of(
            "full",
            "full.full",
            "sparsed",
            "sparsed.full",
            "sparsed.full_and_select",
            "sparsed.sparse"),
        names);
    assertTrue(json.path("speedup").asDouble() > 0);
  }

  @Test
  void liveShowsTheAnswerWhileItIsDenoised() {
    String[] few = {"generate", "-n", "32", "--steps", "32", "--threads", "1"};
    Invocation live =
        Invocation.of(
            Stream.concat(Arrays.stream(few), Stream.of("--live")).toArray(String[]::new));
    assertEquals(0, live.exitCode(), live.err());
    assertTrue(live.err().contains("░"), live.err());
    assertTrue(live.err().contains("  " + live.out().strip()), live.err());
    Invocation still = Invocation.of(few);
    assertEquals(live.out(), still.out());
    assertFalse(still.err().contains("░"), still.err());
    Invocation off =
        Invocation.of(
            Stream.concat(Arrays.stream(few), Stream.of("--no_live")).toArray(String[]::new));
    assertFalse(off.err().contains("░"), off.err());
  }

  @Test
  void aPictureShowsTheDenoising(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("denoising.svg");
    Invocation invocation =
        Invocation.of(
            "generate",
            "-n",
            "32",
            "--steps",
            "32",
            "--threads",
            "1",
            "--picture",
            file.toString());
    assertEquals(0, invocation.exitCode(), invocation.err());
    String svg = Files.readString(file);
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    assertTrue(svg.contains("step 1<"), svg);
    assertTrue(svg.contains(">░"), svg);
    String last = svg.lines().filter(line -> line.contains("preserve")).reduce("", (a, b) -> b);
    assertTrue(
        last.replaceAll("<[^>]*>", "").equals(invocation.out().strip()), last + invocation.out());
    Invocation tokens = Invocation.of("generate", "--tokens", "1,2", "--picture", file.toString());
    assertEquals(2, tokens.exitCode());
    assertTrue(tokens.err().contains("--picture has no meaning with --tokens"), tokens.err());
    Invocation nowhere = Invocation.of("generate", "--picture", folder + "/no/where.svg");
    assertEquals(2, nowhere.exitCode());
  }
}
