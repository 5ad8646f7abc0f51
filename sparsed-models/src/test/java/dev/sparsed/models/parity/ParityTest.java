package dev.sparsed.models.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.checkpoint.Checkpoint;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.models.transformer.Transformer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Runs every case of a golden folder's manifest; {@code -Dsparsed.goldens=DIR} names another folder
 * than the one among the test resources. A kind that is not known fails.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ParityTest {

  private final Map<String, DiffusionModel> models = new HashMap<>();
  private final Map<String, Transformer> transformers = new HashMap<>();
  private final Set<String> run = new TreeSet<>();
  private GoldenFolder folder;

  @BeforeAll
  void open() throws IOException {
    // The matrices are too small to share between threads.
    TorchRuntime.setThreads(1);
    folder = GoldenFolder.open();
  }

  @AfterAll
  void close() {
    models.values().forEach(DiffusionModel::close);
    transformers.values().forEach(Transformer::close);
    folder.close();
  }

  @TestFactory
  Stream<DynamicTest> everyCaseOfTheManifest() {
    List<GoldenCase> cases = folder.cases();
    Stream<DynamicTest> tests =
        cases.stream()
            .map(golden -> dynamicTest(golden.kind() + ": " + golden.id(), () -> run(golden)));
    return Stream.concat(
        tests, Stream.of(dynamicTest("no case was left out", () -> checkAll(cases))));
  }

  @TestFactory
  Stream<DynamicTest> everyTokenizerOfTheFolder() throws IOException {
    return TokenizerParity.folders(folder.path()).stream()
        .map(
            tokenizer ->
                dynamicTest(
                    "tokenizer: " + tokenizer.getFileName(),
                    () -> assertTrue(TokenizerParity.check(tokenizer) > 0)));
  }

  private void checkAll(List<GoldenCase> cases) {
    assertFalse(cases.isEmpty(), "the manifest has no cases");
    assertEquals(cases.size(), cases.stream().map(GoldenCase::id).distinct().count(), "equal ids");
    assertEquals(
        cases.stream().map(GoldenCase::id).collect(Collectors.toCollection(TreeSet::new)), run);
  }

  private void run(GoldenCase golden) {
    run.add(golden.id());
    switch (golden.kind()) {
      case "forward_full" -> ForwardParity.forwardFull(golden, transformer(golden));
      case "rotary" -> ForwardParity.rotary(golden);
      case "attention_inputs" -> AttentionParity.attentionInputs(golden);
      case "sparse_attention" -> AttentionParity.sparseAttention(golden);
      case "dream_generate", "dream_generate_batch" ->
          GenerationParity.dream(golden, model(golden), transformer(golden));
      case "llada_generate" -> GenerationParity.llada(golden, model(golden), transformer(golden));
      case "sparse_dllm_filter" -> CacheParity.filter(golden);
      case "llada_num_transfer_tokens" -> DecodingParity.numTransferTokens(golden);
      case "dream_schedule" -> DecodingParity.dreamSchedule(golden);
      case "logit_filters" -> DecodingParity.logitFilters(golden);
      case "sample_tokens" -> DecodingParity.sampleTokens(golden);
      case "dream_loop" -> DecodingParity.dreamLoop(golden);
      case "llada_loop" -> DecodingParity.lladaLoop(golden);
      case "sparse_dllm_llada" ->
          SparseDllmParity.llada(golden, model(golden), transformer(golden));
      case "sparse_dllm_dream" ->
          SparseDllmParity.dream(golden, model(golden), transformer(golden));
      case "sparse_dllm_llada_loop" -> DecodingParity.cachedLladaLoop(golden);
      case "sparse_dllm_dream_loop" -> DecodingParity.cachedDreamLoop(golden);
      default -> fail("unknown kind " + golden.kind() + " of case " + golden.id());
    }
    golden.assertAllRead();
  }

  private DiffusionModel model(GoldenCase golden) {
    ModelOptions options =
        ModelOptions.DEFAULT.withDevice(ComputeDevice.CPU).withPrecision(Precision.FLOAT32);
    return models.computeIfAbsent(
        golden.text("model"), name -> DiffusionModel.load(folder.checkpoint(name), options));
  }

  private Transformer transformer(GoldenCase golden) {
    return transformers.computeIfAbsent(
        golden.text("model"),
        name -> {
          try (Checkpoint checkpoint = Checkpoint.open(folder.checkpoint(name))) {
            return Transformer.load(
                checkpoint, ScalarType.Float, TorchRuntime::cpu, OptionalInt.empty());
          }
        });
  }
}
