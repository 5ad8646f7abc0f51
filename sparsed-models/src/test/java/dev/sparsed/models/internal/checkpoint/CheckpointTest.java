package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.Precision;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
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

class CheckpointTest {
  @ParameterizedTest
  @ValueSource(strings = {"tiny-dream", "tiny-llada", "tiny-llada-gqa"})
  void publishedLayoutsMatchTheirTensors(String name) {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.checkpoint(name))) {
      checkpoint.verify();
      assertEquals(checkpoint.layout().tensors().size(), checkpoint.tensors().size());
    }
  }

  @Test
  void readsDreamConfiguration() {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.checkpoint("tiny-dream"))) {
      Architecture model = checkpoint.config().architecture();
      assertEquals(64, model.hiddenSize());
      assertEquals(16, model.headDimension());
      assertEquals(2, model.kvHeads());
      assertEquals(1e6, model.rotary().base());
      assertEquals(311, checkpoint.config().maskToken());
      assertEquals(Precision.FLOAT32, checkpoint.config().weightType());
      GenerationConfig generation = checkpoint.generationConfig();
      assertEquals(
          DreamDecoding.DEFAULT, generation.decoding().ofCheckpoint(32, CachePolicy.none()));
      assertEquals(List.of(303), generation.endTokens());
    }
  }

  @Test
  void readsLladaConfiguration() {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.checkpoint("tiny-llada-gqa"))) {
      Architecture model = checkpoint.config().architecture();
      assertEquals(2, model.kvHeads());
      assertEquals(320, model.embeddingRows());
      assertEquals(176, model.feedForwardSize());
      assertEquals(1e-5, model.normEpsilon());
      assertEquals(Precision.BFLOAT16, checkpoint.config().weightType());
      assertEquals(
          LladaDecoding.DEFAULT,
          checkpoint.generationConfig().decoding().ofCheckpoint(32, CachePolicy.none()));
      assertEquals(311, checkpoint.generationConfig().maskToken());
    }
  }

  @Test
  void loadedTensorHoldsTheFilesValuesAndOutlivesTheCheckpoint() throws IOException {
    String name = "model.layers.1.self_attn.k_proj.weight";
    Tensor tensor;
    ByteBuffer raw = ByteBuffer.allocate(32 * 64 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.checkpoint("tiny-dream"));
        SafetensorsFile file =
            SafetensorsFile.open(Goldens.checkpoint("tiny-dream").resolve("model.safetensors"));
        Device cpu = new Device(torch.DeviceType.CPU)) {
      tensor = checkpoint.load(name, new long[] {32, 64}, ScalarType.Float, cpu);
      file.read(name, 0, raw);
    }
    try (tensor) {
      assertArrayEquals(new long[] {32, 64}, tensor.sizes().vec().get());
      float[] values = new float[32 * 64];
      tensor.data_ptr_float().get(values);
      float[] expected = new float[32 * 64];
      raw.flip().asFloatBuffer().get(expected);
      assertArrayEquals(expected, values);
    }
  }

  @Test
  void widensBfloat16Exactly() {
    String name = "model.transformer.wte.weight";
    ByteBuffer raw = ByteBuffer.allocate(320 * 64 * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (SafetensorsFile file =
            SafetensorsFile.open(
                Goldens.checkpoint("tiny-llada-gqa").resolve("model.safetensors"));
        Device cpu = new Device(torch.DeviceType.CPU);
        Tensor tensor = file.load(name, ScalarType.Float, cpu)) {
      file.read(name, 0, raw);
      raw.flip();
      float[] values = new float[320 * 64];
      tensor.data_ptr_float().get(values);
      for (float value : values) {
        assertEquals(Float.intBitsToFloat(raw.getShort() << 16), value);
      }
    }
  }

  @Test
  void loadsScalarsAndIntegersAsStored() {
    try (SafetensorsFile file = SafetensorsFile.open(Goldens.file("llada_generate.safetensors"))) {
      for (TensorEntry entry : file.tensors().values()) {
        try (Tensor tensor = file.load(entry.name())) {
          assertEquals(
              entry.type().scalarType().orElseThrow(), tensor.scalar_type().intern(), entry.name());
          assertEquals(entry.byteLength(), tensor.nbytes(), entry.name());
        }
      }
    }
  }

  @Test
  void wrongExpectedShapeNamesTensorAndBothShapes() {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.checkpoint("tiny-dream"));
        Device cpu = new Device(torch.DeviceType.CPU)) {
      String message =
          Refusal.of(
              () -> checkpoint.load("lm_head.weight", new long[] {64, 320}, ScalarType.Float, cpu));
      assertTrue(message.contains("lm_head.weight"), message);
      assertTrue(message.contains("[320, 64]") && message.contains("[64, 320]"), message);
    }
  }

  @Test
  void unavailableDeviceIsAnExceptionThatNamesTheTensor() {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.checkpoint("tiny-dream"));
        Device cuda = new Device("cuda:0")) {
      org.junit.jupiter.api.Assumptions.assumeFalse(
          torch.cuda_is_available(), "this machine has CUDA");
      String message =
          Refusal.of(
              () ->
                  checkpoint.load("lm_head.weight", new long[] {320, 64}, ScalarType.Float, cuda));
      assertTrue(message.contains("lm_head.weight"), message);
    }
  }

  @Test
  void allDifferencesFromTheLayoutComeInOneException(@TempDir Path scratch) throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Goldens.checkpoint("tiny-dream").resolve(file), scratch.resolve(file));
    }
    Path config = scratch.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 5")
            .replace("\"vocab_size\": 320", "\"vocab_size\": 384"));
    try (Checkpoint checkpoint = Checkpoint.open(scratch)) {
      String message = Refusal.of(checkpoint::verify);
      assertTrue(message.contains("12 missing"), message);
      assertTrue(message.contains("model.layers.4.mlp.down_proj.weight"), message);
      assertTrue(message.contains("2 of another shape"), message);
    }
  }
}
