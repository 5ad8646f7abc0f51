package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraAdapterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUERY = "model.layers.0.self_attn.q_proj";
  private static final String DOWN = "model.layers.1.mlp.down_proj";
  private static final String EMBEDDING = "model.embed_tokens";

  /** What PEFT writes. */
  private static final String CONFIG =
      """
      {"peft_type":"LORA","task_type":"CAUSAL_LM","base_model_name_or_path":"Dream-org/Dream-v0-Instruct-7B",
       "r":4,"lora_alpha":10,"lora_dropout":0.05,"bias":"none","fan_in_fan_out":false,"use_dora":false,
       "use_rslora":false,"modules_to_save":null,"target_modules":["q_proj","down_proj"],"rank_pattern":{},
       "alpha_pattern":{},"init_lora_weights":true,"inference_mode":true,"layers_to_transform":null,
       "layers_pattern":null,"layer_replication":null,"loftq_config":{},"megatron_config":null,
       "megatron_core":"megatron.core","revision":null,"auto_mapping":null,"eva_config":null,"corda_config":null,
       "exclude_modules":null,"lora_bias":false,"trainable_token_indices":null,"target_parameters":null,
       "qalora_group_size":16,"use_qalora":false,"peft_version":"0.17.0","alora_invocation_tokens":null}
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path scratch;

  private final Map<String, float[][]> matrices = new LinkedHashMap<>();
  private final Random random = new Random(5);

  @Test
  void everyMatrixIsTheExplicitlyMergedOne() throws IOException {
    TinyFolder folder = adapted(4, json -> {});
    List<String> warnings = folder.warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.get(0).contains("merged into 2 matrices"), warnings.get(0));
    assertMerged(folder, Map.of(QUERY, 2.5, DOWN, 2.5));
  }

  @Test
  void scaleFollowsRootOfRankAndPatterns() throws IOException {
    TinyFolder folder =
        adapted(
            9,
            json -> {
              json.put("use_rslora", true);
              json.putObject("rank_pattern").put("q_proj", 9).put("mlp.down_proj", 9);
              json.putObject("alpha_pattern").put("^model\\.layers\\.1\\.mlp\\.down_proj", 6);
            });
    assertMerged(folder, Map.of(QUERY, 10 / 3.0, DOWN, 2.0));
  }

  @Test
  void embeddingsAreMergedTransposed() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch.resolve("model"));
    float[] right = values(4 * 320);
    float[] left = values(64 * 4);
    matrices.put(EMBEDDING, new float[][] {left, right});
    writeAdapter(
        folder,
        List.of(
            source(EMBEDDING + ".lora_embedding_A", right, 4, 320),
            source(EMBEDDING + ".lora_embedding_B", left, 64, 4)));
    writeConfig(folder, json -> json.putArray("target_modules").add("embed_tokens"));
    float[] base = loaded(Goldens.checkpoint("tiny-dream"), EMBEDDING + ".weight", 320, 64);
    float[] merged = loaded(folder.path(), EMBEDDING + ".weight", 320, 64);
    for (int row = 0; row < 320; row++) {
      for (int column = 0; column < 64; column++) {
        double sum = base[row * 64 + column];
        for (int rank = 0; rank < 4; rank++) {
          sum += 2.5 * left[column * 4 + rank] * right[rank * 320 + row];
        }
        assertEquals(sum, merged[row * 64 + column], 1e-5);
      }
    }
    folder.config(json -> json.put("tie_word_embeddings", true));
    assertTrue(folder.refusal().contains("head as well"), folder.refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          peft_type;               "IA3"
          use_dora;                true
          bias;                    "all"
          bias;                    "lora_only"
          modules_to_save;         ["lm_head"]
          fan_in_fan_out;          "yes"
          layer_replication;       [[0,2],[1,4]]
          lora_bias;               true
          trainable_token_indices; [1,2]
          target_parameters;       ["mlp.experts"]
          init_lora_weights;       "pissa_niter_16"
          init_lora_weights;       "loftq"
          loftq_config;            {"loftq_bits":4}
          use_qalora;              true
          r;                       0
          rank_pattern;            {"(a|b)*c":4}
          alpha_pattern;           {"a\\u001bb":"x"}
          """)
  void whatIsNotMergedIsRefusedByName(String field, String value) throws IOException {
    TinyFolder folder =
        adapted(
            4,
            json -> {
              try {
                json.set(field, JSON.readTree(value));
              } catch (JsonProcessingException e) {
                throw new AssertionError(e);
              }
            });
    String message = folder.refusal();
    assertTrue(message.contains("adapter_config.json cannot be used"), message);
    assertTrue(message.contains(field.equals("peft_type") ? "IA3" : field), message);
    assertTrue(
        message.endsWith("merge the adapter with PEFT, or remove its files to use the base model"),
        message);
    assertTrue(message.chars().noneMatch(Character::isISOControl), message);
    List<String> refusals = CheckpointSummary.of(folder.path()).refusals();
    assertEquals(1, refusals.size(), refusals.toString());
  }

  /** PEFT sets it back for linear layers, of which these models consist. */
  @Test
  void transposedStorageIsPassedOver() throws IOException {
    List<String> warnings = adapted(4, json -> json.put("fan_in_fan_out", true)).warnings();
    assertTrue(
        warnings.stream().anyMatch(warning -> warning.contains("fan_in_fan_out is passed over")),
        warnings::toString);
  }

  @Test
  void adapterThatDoesNotFitIsRefused() throws IOException {
    String message = adapted(5, json -> {}).refusal();
    assertTrue(message.contains(QUERY) && message.contains("rank 4"), message);
    assertTrue(
        written(source("model.layers.9.self_attn.q_proj.lora_A.weight", values(256), 4, 64))
            .contains("no matrices"));
    assertTrue(
        written(source(QUERY + ".lora_A.weight", values(256), 4, 64)).contains("lacks one of"));
    assertTrue(
        written(source(QUERY + ".lora_magnitude_vector", values(64), 64)).contains("no LoRA"));
    assertTrue(written(source("lm_head.weight", values(64), 64)).contains("trained as a whole"));
  }

  @Test
  void halfAnAdapterIsRefused() throws IOException {
    TinyFolder folder = adapted(4, json -> {});
    Files.delete(folder.file("adapter_config.json"));
    assertTrue(folder.refusal().contains("not adapter_config.json"), folder.refusal());
    Files.move(folder.file("adapter_model.safetensors"), folder.file("adapter_model.bin"));
    assertTrue(folder.refusal().contains(".bin files are not read"), folder.refusal());
    writeConfig(folder, json -> {});
    assertTrue(folder.refusal().contains("not adapter_model.safetensors"), folder.refusal());
  }

  @Test
  void adapterWithoutItsModelNamesTheModel() throws IOException {
    TinyFolder folder = adapted(4, json -> {});
    Files.delete(folder.file("model.safetensors"));
    assertTrue(folder.refusal().contains("Dream-org/Dream-v0-Instruct-7B"), folder.refusal());
    Files.delete(folder.file("config.json"));
    assertTrue(folder.refusal().contains("Dream-org/Dream-v0-Instruct-7B"), folder.refusal());
  }

  @Test
  void targetsWithoutWeightsAreMentioned() throws IOException {
    List<String> warnings =
        adapted(4, json -> json.withArray("target_modules").add("v_proj")).warnings();
    assertEquals(2, warnings.size(), warnings.toString());
    assertTrue(warnings.get(1).contains("v_proj"), warnings.toString());
  }

  private String written(TensorSource... tensors) throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch.resolve("model" + System.nanoTime()));
    writeAdapter(folder, List.of(tensors));
    writeConfig(folder, json -> {});
    return folder.refusal();
  }

  private TinyFolder adapted(int rank, Consumer<ObjectNode> change) throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch.resolve("model" + System.nanoTime()));
    List<TensorSource> tensors = new ArrayList<>();
    add(tensors, QUERY, rank, 64, 64);
    add(tensors, DOWN, rank, 64, 176);
    writeAdapter(folder, tensors);
    writeConfig(folder, change);
    return folder;
  }

  private void add(List<TensorSource> tensors, String module, int rank, int outputs, int inputs) {
    float[] left = values(outputs * rank);
    float[] right = values(rank * inputs);
    matrices.put(module, new float[][] {left, right});
    tensors.add(source(module + ".lora_A.weight", right, rank, inputs));
    tensors.add(source(module + ".lora_B.weight", left, outputs, rank));
  }

  private static void writeAdapter(TinyFolder folder, List<TensorSource> tensors)
      throws IOException {
    new SafetensorsWriter(bytes -> {}).write(folder.file("adapter_model.safetensors"), tensors);
  }

  private static void writeConfig(TinyFolder folder, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(CONFIG);
    change.accept(json);
    folder.write("adapter_config.json", json.toString());
  }

  private static TensorSource source(String name, float[] values, long... shape) {
    return TensorSource.of(
        "base_model.model." + name, TensorShape.of(shape), TensorType.F32, values);
  }

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private void assertMerged(TinyFolder folder, Map<String, Double> scales) {
    try (Checkpoint checkpoint = Checkpoint.open(folder.path())) {
      for (TensorSpec spec : checkpoint.layout().tensors()) {
        long[] shape = spec.shape().toArray();
        float[] base = loaded(Goldens.checkpoint("tiny-dream"), spec.name(), shape);
        float[] merged = loaded(folder.path(), spec.name(), shape);
        String module = spec.name().replaceFirst("\\.weight$", "");
        double scale = scales.getOrDefault(module, 0.0);
        for (int i = 0; i < base.length; i++) {
          double expected = base[i];
          if (scale != 0) {
            float[][] product = Objects.requireNonNull(matrices.get(module));
            int inputs = (int) shape[1];
            int rank = product[0].length / (int) shape[0];
            for (int k = 0; k < rank; k++) {
              expected +=
                  scale * product[0][i / inputs * rank + k] * product[1][k * inputs + i % inputs];
            }
          }
          assertEquals(expected, merged[i], 1e-4, spec.name());
        }
      }
    }
  }

  private static float[] loaded(Path folder, String name, long... shape) {
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Device cpu = new Device(torch.DeviceType.CPU);
        Tensor tensor = checkpoint.load(name, shape, ScalarType.Float, cpu)) {
      float[] values = new float[(int) tensor.numel()];
      tensor.data_ptr_float().get(values);
      return values;
    }
  }
}
