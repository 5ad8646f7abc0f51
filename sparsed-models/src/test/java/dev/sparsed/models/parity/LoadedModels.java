package dev.sparsed.models.parity;

import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The checkpoints of golden data, each loaded once, in float32 on the processor. */
final class LoadedModels implements AutoCloseable {

  private final Map<Path, DiffusionModel> models = new HashMap<>();
  private final Map<Path, Transformer> transformers = new HashMap<>();

  DiffusionModel model(GoldenCase golden) {
    return model(golden.folder().checkpoint(golden.text("model")));
  }

  DiffusionModel model(Path checkpoint) {
    ModelOptions options =
        ModelOptions.DEFAULT.withDevice(ComputeDevice.CPU).withPrecision(Precision.FLOAT32);
    return models.computeIfAbsent(
        checkpoint.normalize(), path -> DiffusionModel.load(path, options));
  }

  Transformer transformer(GoldenCase golden) {
    return transformers.computeIfAbsent(
        golden.folder().checkpoint(golden.text("model")).normalize(),
        path -> {
          try (Checkpoint checkpoint = Checkpoint.open(path)) {
            return Transformer.load(
                checkpoint,
                checkpoint.config().architecture(),
                ScalarType.Float,
                TorchRuntime::cpu,
                OptionalInt.empty(),
                WeightScheme.AS_STORED);
          }
        });
  }

  @Override
  public void close() {
    models.values().forEach(DiffusionModel::close);
    transformers.values().forEach(Transformer::close);
  }
}
