package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointWriterTest {
  private static final ModelConfig SMALL =
      PublishedModels.DREAM_7B
          .withArchitecture(
              PublishedModels.DREAM_7B.architecture().toBuilder()
                  .vocabulary(320)
                  .widths(64, 176)
                  .layers(2)
                  .heads(4, 2)
                  .build())
          .withTokens(
              new ModelTokens(311, OptionalInt.of(303), OptionalInt.of(303), OptionalInt.of(303)));

  @ParameterizedTest
  @EnumSource(Precision.class)
  void writtenShardsReadBackAsTheArchitecture(Precision type, @TempDir Path folder) {
    ModelConfig config = SMALL.withWeightType(type);
    new CheckpointWriter(folder).shardBytes(50_000).write(config, RandomWeights.of(config, 7));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      checkpoint.verify();
      assertEquals(config, checkpoint.config());
      assertTrue(Files.exists(folder.resolve("model.safetensors.index.json")));
      assertTrue(
          checkpoint.tensors().values().stream()
              .allMatch(entry -> entry.type() == TensorType.of(type)));
      assertEquals(List.of(303), checkpoint.generationConfig().endTokens());
    }
  }

  @Test
  void everyTemplateSurvivesItsOwnJson() {
    for (ModelTemplate template : ModelTemplate.all()) {
      ModelConfig config = ModelConfig.of(template).withLayers(3);
      assertEquals(config, ConfigClasses.parse(PublishedJson.config(config), template.label()));
    }
  }

  @Test
  void templatesHaveThePublishedParameterCounts() {
    assertEquals(7_615_616_512L, parameters(PublishedModels.DREAM_7B));
    assertEquals(8_015_581_184L, parameters(PublishedModels.LLADA_8B));
  }

  private static long parameters(ModelConfig config) {
    return ModelLayout.of(config).tensors().stream()
        .mapToLong(spec -> spec.shape().elements())
        .sum();
  }

  @Test
  void sameSeedSameBytesAnotherSeedOthers(@TempDir Path scratch) throws IOException {
    for (String run : List.of("a", "b", "c")) {
      new CheckpointWriter(scratch.resolve(run))
          .write(SMALL, RandomWeights.of(SMALL, run.equals("c") ? 8 : 7));
    }
    Path file = Path.of("model.safetensors");
    assertEquals(
        -1, Files.mismatch(scratch.resolve("a").resolve(file), scratch.resolve("b").resolve(file)));
    assertFalse(
        Files.mismatch(scratch.resolve("a").resolve(file), scratch.resolve("c").resolve(file))
            == -1);
  }

  @Test
  void normsAreOneAndMatricesHaveTheirDeviation(@TempDir Path folder) {
    new CheckpointWriter(folder).write(SMALL, RandomWeights.of(SMALL, 1));
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Device cpu = new Device(torch.DeviceType.CPU);
        Tensor norm = checkpoint.load(checkpoint.layout().finalNorm(), ScalarType.Float, cpu);
        Tensor head = checkpoint.load(checkpoint.layout().head(), ScalarType.Float, cpu)) {
      for (float value : floats(norm)) {
        assertEquals(1f, value);
      }
      assertEquals(0.02, deviation(floats(head)), 0.0005);
    }
  }

  @Test
  void tensorsOfAnyKindSurviveTheRoundTrip(@TempDir Path folder) {
    List<TensorSource> tensors = new ArrayList<>(RandomWeights.of(SMALL, 3));
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = i - 31.5f;
    }
    TensorSpec norm = ModelLayout.of(SMALL).finalNorm();
    tensors.removeIf(tensor -> tensor.name().equals(norm.name()));
    tensors.add(TensorSource.of(norm.name(), norm.shape(), TensorType.F32, values));
    TensorSpec head = ModelLayout.of(SMALL).head();
    tensors.removeIf(tensor -> tensor.name().equals(head.name()));
    try (Tensor drawn = torch.randn(head.shape().toArray());
        Tensor turned = drawn.t().contiguous().t()) {
      tensors.add(TensorSource.of(head.name(), turned));
      new CheckpointWriter(folder).write(SMALL, tensors);
      try (Checkpoint checkpoint = Checkpoint.open(folder);
          Device cpu = new Device(torch.DeviceType.CPU);
          Tensor readNorm = checkpoint.load(norm, ScalarType.Float, cpu);
          Tensor readHead = checkpoint.load(head, ScalarType.Float, cpu)) {
        assertArrayEquals(values, floats(readNorm));
        assertTrue(readHead.equal(drawn));
      }
    }
  }

  @Test
  void refusesTensorsThatAreNotTheArchitectures(@TempDir Path folder) throws IOException {
    List<TensorSource> tensors = new ArrayList<>(RandomWeights.of(SMALL, 3));
    tensors.remove(0);
    String message = Refusal.of(() -> new CheckpointWriter(folder).write(SMALL, tensors));
    assertTrue(message.contains("model.embed_tokens.weight"), message);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void neverOverwritesAModel(@TempDir Path folder) {
    new CheckpointWriter(folder).write(SMALL, RandomWeights.of(SMALL, 3));
    String message =
        Refusal.of(() -> new CheckpointWriter(folder).write(SMALL, RandomWeights.of(SMALL, 4)));
    assertTrue(message.contains("is there already"), message);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      checkpoint.verify();
    }
  }

  @Test
  void tellsBeforehandWhetherAFolderCanTakeAModel(@TempDir Path scratch) throws IOException {
    Path fresh = scratch.resolve("a/new/folder");
    new CheckpointWriter(fresh).requireFreshFolder();
    assertTrue(Files.isDirectory(fresh));
    Files.writeString(fresh.resolve("tokenizer.json"), "{}");
    new CheckpointWriter(fresh).requireFreshFolder();
    Path shard = Files.writeString(fresh.resolve("model-00001-of-00002.safetensors"), "");
    String message = Refusal.of(() -> new CheckpointWriter(fresh).requireFreshFolder());
    assertTrue(message.contains(shard + " is there already"), message);
    message = Refusal.of(() -> new CheckpointWriter(shard).requireFreshFolder());
    assertTrue(message.contains(shard + " is a file"), message);
  }

  @Test
  void failedWritingLeavesNothingBehind(@TempDir Path folder) throws IOException {
    List<TensorSource> tensors = new ArrayList<>(RandomWeights.of(SMALL, 3));
    TensorSource last = tensors.remove(tensors.size() - 1);
    tensors.add(
        new TensorSource(
            last.name(),
            last.shape(),
            last.type(),
            (first, target) -> {
              throw new IllegalStateException("no more");
            }));
    org.junit.jupiter.api.Assertions.assertThrows(
        IllegalStateException.class,
        () -> new CheckpointWriter(folder).shardBytes(50_000).write(SMALL, tensors));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    tensor.data_ptr_float().get(values);
    return values;
  }

  private static double deviation(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares / values.length);
  }
}
