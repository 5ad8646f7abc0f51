package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A copy of a recorded checkpoint that a test changes as it likes. */
final class TinyFolder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  private TinyFolder(Path folder) {
    this.folder = folder;
  }

  static TinyFolder of(String golden, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(Goldens.checkpoint(golden))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return new TinyFolder(folder);
  }

  Path path() {
    return folder;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  TinyFolder config(Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(file("config.json").toFile());
    change.accept(json);
    return write("config.json", json.toString());
  }

  TinyFolder write(String name, String text) throws IOException {
    Files.writeString(file(name), text);
    return this;
  }

  /** Renames tensors of the single file; an empty name drops one. */
  TinyFolder rename(UnaryOperator<String> change) throws IOException {
    return rewrite(change, List.of());
  }

  TinyFolder add(TensorSource... more) throws IOException {
    return rewrite(name -> name, List.of(more));
  }

  TinyFolder rewrite(UnaryOperator<String> change, List<TensorSource> more) throws IOException {
    Path original = Files.move(file("model.safetensors"), file("original"));
    try (SafetensorsFile read = SafetensorsFile.open(original)) {
      List<TensorSource> tensors = new ArrayList<>();
      for (TensorEntry entry : read.tensors().values()) {
        String name = change.apply(entry.name());
        if (!name.isEmpty()) {
          int bytes = entry.type().bits() / Byte.SIZE;
          tensors.add(
              new TensorSource(
                  name,
                  entry.shape(),
                  entry.type(),
                  (first, target) -> read.read(entry.name(), first * bytes, target)));
        }
      }
      tensors.addAll(more);
      new SafetensorsWriter(bytes -> {}).write(file("model.safetensors"), tensors);
    }
    Files.delete(original);
    return this;
  }

  /** Opens and checks. */
  List<String> warnings() {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return checkpoint.verify();
    }
  }

  String refusal() {
    return Refusal.of(this::warnings);
  }
}
