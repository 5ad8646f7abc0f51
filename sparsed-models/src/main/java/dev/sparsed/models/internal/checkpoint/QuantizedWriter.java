package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Writes a checkpoint once more with quantized matrices: safetensors files whose metadata tells
 * version and scheme, and copies of the other files that belong to a model, {@code config.json}
 * last. Memory holds the quantized model and one tensor.
 */
public final class QuantizedWriter {

  private static final String SCHEME_KEY = "sparsed_scheme";

  /** Ends and beginnings of names of what is no part of the model that is written. */
  private static final List<String> OTHER_WEIGHTS =
      List.of(".safetensors", ".index.json", ".bin", ".pt", ".pth", ".gguf", ".msgpack", ".h5");

  private static final String ADAPTER = "adapter_";

  private QuantizedWriter() {}

  /**
   * Writes.
   *
   * @param source a verified checkpoint
   * @param scheme in how many bits its matrices are written
   * @param writer into the folder that takes the result
   * @throws CheckpointException if the source is quantized already, or the result cannot be written
   */
  public static void write(Checkpoint source, WeightScheme scheme, CheckpointWriter writer) {
    for (TensorSpec spec : source.layout().tensors()) {
      if (source.quantization(spec).isPresent()) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s is quantized already (%s); start from the original model",
                source.folder(),
                spec.name()));
      }
    }
    writer.requireFreshFolder();
    List<Tensor> held = new ArrayList<>();
    try {
      List<TensorSource> tensors = new ArrayList<>();
      for (TensorSpec spec : source.layout().tensors()) {
        if (spec.required()) {
          add(source, scheme, spec, tensors, held);
        }
      }
      writer.write(
          tensors,
          Map.of(
              QuantizedTensor.VERSION_KEY, QuantizedTensor.VERSION, SCHEME_KEY, scheme.toString()),
          begun -> copyRest(source.folder(), writer.folder(), begun));
    } finally {
      held.forEach(Tensor::close);
    }
  }

  private static void add(
      Checkpoint source,
      WeightScheme scheme,
      TensorSpec spec,
      List<TensorSource> tensors,
      List<Tensor> held) {
    Precision type = source.weightType().orElseThrow();
    Optional<WeightFormat> format = QuantizedWeights.format(scheme, source.layout(), spec);
    try (Device cpu = new Device(DeviceType.CPU)) {
      Tensor tensor = source.load(spec, type.scalarType(), cpu);
      held.add(tensor);
      if (format.isEmpty()) {
        tensors.add(TensorSource.of(spec.name(), tensor));
        return;
      }
      QuantizedTensor quantized = Quantizer.quantize(tensor, format.get());
      tensor.close();
      held.set(held.size() - 1, quantized.numbers());
      held.add(quantized.scales());
      tensors.add(TensorSource.of(spec.name(), quantized.numbers()));
      tensors.add(TensorSource.of(spec.name() + QuantizedTensor.SCALES, quantized.scales()));
    }
  }

  private static void copyRest(Path from, Path to, List<Path> begun) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(from)) {
      files = all.filter(Files::isRegularFile).filter(QuantizedWriter::belongs).toList();
    }
    for (Path file : files) {
      copy(file, to, begun);
    }
    copy(from.resolve(Checkpoint.CONFIG_FILE), to, begun);
  }

  private static boolean belongs(Path file) {
    String name = String.valueOf(file.getFileName());
    return OTHER_WEIGHTS.stream().noneMatch(name::endsWith)
        && !name.startsWith(ADAPTER)
        && !name.equals(Checkpoint.CONFIG_FILE);
  }

  /** What is there already, such as another tokenizer, is kept. */
  private static void copy(Path file, Path folder, List<Path> begun) throws IOException {
    Path target = folder.resolve(String.valueOf(file.getFileName()));
    if (!Files.exists(target)) {
      begun.add(target);
      Files.copy(file, target);
    }
  }
}
