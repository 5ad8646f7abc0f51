package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors under other names, more of them than the model has, and those of other formats. */
class StoredTensorsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path scratch;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.layers.0.self_attn.rotary_emb.inv_freq",
        "model.rotary_emb.inv_freq",
        "rotary_emb.original_inv_freq",
        "model.layers.0.self_attn.rotary_emb.scale",
        "model.layers.0.self_attn.causal_mask",
        "model.layers.3.self_attn.rotary_emb.cos_cached",
        "v_head.summary.weight",
        "something",
        "model.vision_tower.weight"
      })
  void tensorsThatChangeNothingAreMentioned(String name) throws IOException {
    TinyFolder folder = folder("tiny-dream").add(some(name));
    assertEquals(1, folder.warnings().size());
    String warning = folder.warnings().get(0);
    assertTrue(warning.contains("1 tensors that the model has no use for: \"" + name), warning);
    assertEquals(List.of(), CheckpointSummary.of(folder.path()).refusals());
    assertEquals(folder.warnings(), CheckpointSummary.of(folder.path()).warnings());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.layers.0.self_attn.q_norm.weight",
        "model.layers.1.self_attn.o_proj.bias",
        "layers.1.self_attn.o_proj.bias",
        "model.layers.4.input_layernorm.weight",
        "model.norm.bias",
        "lm_head.bias"
      })
  void tensorsThatBelongToAnotherModelAreRefused(String name) throws IOException {
    String message = folder("tiny-dream").add(some(name)).refusal();
    assertTrue(message.contains("1 surplus") && message.contains(name), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-dream", "tiny-llada-gqa"})
  void namesWithoutTheModelsPrefixAreTheModels(String golden) throws IOException {
    TinyFolder folder = folder(golden).rename(name -> name.replaceFirst("^model\\.", ""));
    assertEquals(1, folder.warnings().size());
    assertTrue(folder.warnings().get(0).contains("without 'model.'"), folder.warnings().toString());
    try (Checkpoint plain = Checkpoint.open(Goldens.checkpoint(golden));
        Checkpoint bare = Checkpoint.open(folder.path());
        Device cpu = new Device(torch.DeviceType.CPU)) {
      assertEquals(plain.weightType(), bare.weightType());
      for (TensorSpec spec : plain.layout().tensors()) {
        try (Tensor one = plain.load(spec, ScalarType.Float, cpu);
            Tensor other = bare.load(spec, ScalarType.Float, cpu)) {
          assertArrayEquals(values(one), values(other), spec.name());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.", "_orig_mod.", "base_model.model.", "model.", "net.x."})
  void prefixOfAllNamesIsNamed(String prefix) throws IOException {
    for (String golden : List.of("tiny-dream", "tiny-llada-gqa")) {
      String message = folder(golden).rename(name -> prefix + name).refusal();
      assertTrue(message.contains("begin with \"" + prefix + "\""), message);
      assertTrue(message.length() < 500, message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qweight;GPTQ or AWQ",
        "weight.absmax;bitsandbytes",
        "SCB;bitsandbytes",
        "weight_scale_inv;FP8",
        "weight_packed;compressed-tensors"
      })
  void quantisedWeightsAreNamed(String kind) throws IOException {
    String end = kind.split(";", -1)[0];
    String message =
        folder("tiny-dream")
            .rename(name -> name.replaceFirst("q_proj\\.weight$", "q_proj." + end))
            .refusal();
    assertTrue(message.contains(kind.split(";", -1)[1]) && message.contains(end), message);
    assertTrue(message.contains("bfloat16 checkpoint"), message);
  }

  @Test
  void unmergedAdapterAmongTheWeightsIsNamed() throws IOException {
    String message =
        folder("tiny-dream")
            .rename(name -> name.replaceFirst("q_proj\\.weight$", "q_proj.base_layer.weight"))
            .refusal();
    assertTrue(message.contains("base_layer") && message.contains("merge_and_unload"), message);
  }

  @Test
  void messagesNameAtMostTwentyTensors() throws IOException {
    TinyFolder folder = folder("tiny-dream").config(json -> json.put("num_hidden_layers", 3000));
    String message = folder.refusal();
    assertTrue(message.contains("35952 missing") && message.contains("and 35932 more"), message);
    assertTrue(message.length() < 3000, message);
    TinyFolder renamed = folder("tiny-dream").rename(name -> "x" + name + "y".repeat(5000));
    assertTrue(renamed.refusal().length() < 10_000, renamed.refusal());
  }

  private TinyFolder folder(String golden) throws IOException {
    return TinyFolder.of(golden, scratch.resolve(golden + System.nanoTime()));
  }

  private static TensorSource some(String name) {
    return TensorSource.constant(name, TensorShape.of(8), TensorType.F32, 1);
  }

  private static float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.numel()];
    tensor.data_ptr_float().get(values);
    return values;
  }
}
