package dev.sparsed.models;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.Random;

/** The checkpoints among the test resources, loaded, and inputs for them. */
final class TinyModels {

  static final int MASK = 311;

  /** Likeliest tokens, most confident positions: nothing is random. */
  static final DreamDecoding GREEDY =
      DreamDecoding.DEFAULT.withTemperature(0).withAlgorithm(DreamDecoding.Algorithm.MASKGIT_PLUS);

  static final AttentionPolicy SPARSE_D = AttentionPolicy.sparseD(0.2, 0.3, 16);

  private TinyModels() {}

  static DiffusionModel load(String name) {
    TorchRuntime.setThreads(1);
    return DiffusionModel.load(folder(name), options());
  }

  static ModelOptions options() {
    return ModelOptions.DEFAULT.withPrecision(Precision.FLOAT32);
  }

  static Path folder(String name) {
    return Path.of("src/test/resources/goldens/checkpoints", name);
  }

  /** A prompt without special tokens. */
  static int[] prompt(int seed, int length) {
    return new Random(seed).ints(length, 0, 300).toArray();
  }
}
