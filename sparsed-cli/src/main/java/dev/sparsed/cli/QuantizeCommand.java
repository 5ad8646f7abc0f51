package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.CheckpointWriter;
import dev.sparsed.models.internal.checkpoint.QuantizedWeights;
import dev.sparsed.models.internal.checkpoint.QuantizedWriter;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code quantize}. */
@Command(
    name = "quantize",
    sortOptions = false,
    description = {
      "Writes a checkpoint with weights in 8 or 4 bits.",
      "It loads faster than quantizing the original at each start (--weights), and only sparsed reads"
          + " it."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed quantize -m Dream-org/Dream-v0-Instruct-7B --weights q4 -o dream-q4",
      "  ./sparsed quantize --weights q8 -o demo-q8",
      "  ./sparsed quantize -m my-model --weights q4,head=q8 -o my-model-q4"
    })
final class QuantizeCommand implements Callable<Integer> {

  @Option(
      names = {"-m", "--model_path"},
      paramLabel = "DIR_OR_ID",
      description =
          "Folder of a Hugging Face checkpoint, or a repository such as owner/name in the local"
              + " Hugging Face cache (default: a small demo model).")
  private @Nullable String modelPath;

  @Option(
      names = "--weights",
      paramLabel = "BITS",
      defaultValue = "q4",
      description =
          "q8 or q4, with a choice of its own for head and embedding as in"
              + " q4,head=q8,embedding=stored (default: ${DEFAULT-VALUE}).")
  private String weights = "q4";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Folder to write to, which must not hold a model yet.")
  private Path folder = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() {
    WeightScheme scheme = scheme();
    ModelArguments.Location location = ModelArguments.Location.of(modelPath);
    WriteProgress progress = new WriteProgress(spec.commandLine().getErr());
    CheckpointWriter writer = new CheckpointWriter(folder).progress(progress);
    requireFreshFolder(writer);
    TorchRuntime.require();
    long before;
    try (Checkpoint source = Checkpoint.open(location.folder())) {
      PrintWriter err = spec.commandLine().getErr();
      source.verify().forEach(err::println);
      QuantizedWeights.warnings(source, scheme).forEach(err::println);
      before = source.tensors().values().stream().mapToLong(each -> each.byteLength()).sum();
      QuantizedWriter.write(source, scheme, writer);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      Json.print(
          out,
          JsonNodeFactory.instance
              .objectNode()
              .put("folder", folder.toString())
              .put("weights", scheme.toString())
              .put("original_bytes", before)
              .put("bytes", progress.total()));
    } else {
      out.printf(
          Locale.ROOT,
          "%s: %s in %s instead of %s%n",
          folder,
          scheme,
          Bytes.text(progress.total()),
          Bytes.text(before));
    }
    return 0;
  }

  private WeightScheme scheme() {
    try {
      WeightScheme scheme = WeightScheme.parse(weights);
      if (scheme.equals(WeightScheme.AS_STORED)) {
        throw new BadUseException("--weights stored leaves nothing to quantize; take q8 or q4");
      }
      return scheme;
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private static void requireFreshFolder(CheckpointWriter writer) {
    try {
      writer.requireFreshFolder();
    } catch (CheckpointException e) {
      throw new BadUseException(e);
    }
  }
}
