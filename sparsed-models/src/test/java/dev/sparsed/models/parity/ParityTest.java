package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Runs every case of the golden folders' manifests and every line of their {@code
 * fast-dllm-*.jsonl}; {@code -Dsparsed.goldens=DIR} names another folder than those among the test
 * resources. What is not understood fails, and so does what was not run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ParityTest {

  private final List<GoldenFolder> opened = new ArrayList<>();
  private final LoadedModels models = new LoadedModels();
  private GoldenData data;

  @BeforeAll
  void open() throws IOException {
    // The matrices are too small to share between threads.
    TorchRuntime.setThreads(1);
    data = GoldenData.locate();
    for (Path path : data.folders()) {
      opened.add(GoldenFolder.open(path));
    }
  }

  @AfterAll
  void close() {
    models.close();
    opened.forEach(GoldenFolder::close);
  }

  @TestFactory
  Stream<DynamicContainer> everyCaseOfEveryManifest() {
    return opened.stream().map(folder -> dynamicContainer(name(folder.path()), cases(folder)));
  }

  @TestFactory
  Stream<DynamicContainer> everyLineOfFastDllm() {
    return data.fastDllm().stream().map(file -> dynamicContainer(name(file), lines(file)));
  }

  @TestFactory
  Stream<DynamicTest> everyTokenizerOfTheFolders() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path folder : data.all()) {
      for (Path tokenizer : TokenizerParity.folders(folder)) {
        tests.add(
            dynamicTest(
                "tokenizer: " + tokenizer.getFileName(),
                () -> assertTrue(TokenizerParity.check(tokenizer) > 0)));
      }
    }
    return tests.stream();
  }

  private Stream<DynamicNode> cases(GoldenFolder folder) {
    List<GoldenCase> cases = folder.cases();
    Set<String> run = new TreeSet<>();
    Stream<DynamicNode> tests =
        cases.stream()
            .map(
                golden ->
                    dynamicTest(
                        golden.kind() + ": " + golden.id(),
                        () -> {
                          run.add(golden.id());
                          run(golden);
                        }));
    return Stream.concat(
        tests, Stream.of(dynamicTest("no case was left out", () -> checkAll(cases, run))));
  }

  private static void checkAll(List<GoldenCase> cases, Set<String> run) {
    assertFalse(cases.isEmpty(), "the manifest has no cases");
    assertEquals(cases.size(), cases.stream().map(GoldenCase::id).distinct().count(), "equal ids");
    assertEquals(
        cases.stream().map(GoldenCase::id).collect(Collectors.toCollection(TreeSet::new)), run);
  }

  private Stream<DynamicNode> lines(Path file) {
    List<JsonNode> lines = FastDllmParity.lines(file);
    Set<Integer> run = new HashSet<>();
    List<DynamicNode> tests = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      JsonNode line = lines.get(i);
      int number = i + 1;
      tests.add(
          dynamicTest(
              "line " + number + ": " + line.path("id").asText(),
              () -> {
                FastDllmParity.run(
                    line, models.model(data.checkpoint(line.path("model").asText())));
                run.add(number);
              }));
    }
    tests.add(
        dynamicTest(
            "every line was run to its end",
            () -> {
              assertFalse(lines.isEmpty(), "the file has no lines");
              assertEquals(lines.size(), run.size(), "lines that were run");
            }));
    return tests.stream();
  }

  private void run(GoldenCase golden) {
    switch (golden.kind()) {
      case "forward_full" -> ForwardParity.forwardFull(golden, models.transformer(golden));
      case "rotary" -> ForwardParity.rotary(golden);
      case "attention_inputs" -> AttentionParity.attentionInputs(golden);
      case "sparse_attention" -> AttentionParity.sparseAttention(golden);
      case "dream_generate", "dream_generate_batch" ->
          GenerationParity.dream(golden, models.model(golden), models.transformer(golden));
      case "llada_generate" ->
          GenerationParity.llada(golden, models.model(golden), models.transformer(golden));
      case "sparse_dllm_filter" -> CacheParity.filter(golden);
      case "llada_num_transfer_tokens" -> DecodingParity.numTransferTokens(golden);
      case "dream_schedule" -> DecodingParity.dreamSchedule(golden);
      case "logit_filters" -> DecodingParity.logitFilters(golden);
      case "sample_tokens" -> DecodingParity.sampleTokens(golden);
      case "dream_loop" -> DecodingParity.dreamLoop(golden);
      case "llada_loop" -> DecodingParity.lladaLoop(golden);
      case "sparse_dllm_llada" ->
          SparseDllmParity.llada(golden, models.model(golden), models.transformer(golden));
      case "sparse_dllm_dream" ->
          SparseDllmParity.dream(golden, models.model(golden), models.transformer(golden));
      case "sparse_dllm_llada_loop" -> DecodingParity.cachedLladaLoop(golden);
      case "sparse_dllm_dream_loop" -> DecodingParity.cachedDreamLoop(golden);
      default -> fail("unknown kind " + golden.kind() + " of case " + golden.id());
    }
    golden.assertAllRead();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
