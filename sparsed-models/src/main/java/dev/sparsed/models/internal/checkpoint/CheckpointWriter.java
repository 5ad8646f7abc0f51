package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.internal.FileNames;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a checkpoint in the form that Hugging Face publishes: {@code config.json}, {@code
 * generation_config.json} and one {@code model.safetensors} or shards with their index. Content is
 * produced as it is written, so that memory does not grow with the model. {@code config.json} comes
 * last: a folder that has it is complete.
 */
public final class CheckpointWriter {
  /** The size that shards are filled up to unless another is asked for: 4 GiB. */
  public static final long DEFAULT_SHARD_BYTES = 4L << 30;

  private final Path folder;
  private long shardBytes = DEFAULT_SHARD_BYTES;
  private Progress progress = (written, total) -> {};

  /** Learns how far writing has come. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after every piece.
     *
     * @param writtenBytes bytes of tensor content written so far
     * @param totalBytes bytes of tensor content in all
     */
    void update(long writtenBytes, long totalBytes);
  }

  /**
   * A writer into a folder.
   *
   * @param folder the folder, created where it is missing; must not hold a model yet
   */
  public CheckpointWriter(Path folder) {
    this.folder = folder;
  }

  /**
   * Where the checkpoint goes.
   *
   * @return the folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * Sets the size of shards.
   *
   * @param bytes tensor content per file at most; a larger tensor has a file of its own
   * @return this
   * @throws IllegalArgumentException if not positive
   */
  public CheckpointWriter shardBytes(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("shards need a positive size, given is " + bytes);
    }
    this.shardBytes = bytes;
    return this;
  }

  /**
   * Sets who learns of the progress.
   *
   * @param listener called by the writing thread
   * @return this
   */
  public CheckpointWriter progress(Progress listener) {
    this.progress = listener;
    return this;
  }

  /**
   * Checks that the folder can take a model, and creates it where it is missing. {@link #write}
   * does so too; whoever works long for what is to be written asks before that work.
   *
   * @throws CheckpointException if the folder holds a model already or cannot be written to
   */
  public void requireFreshFolder() {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s is a file; choose a folder for the checkpoint", folder));
    }
    Optional<String> astray = FileNames.astray(folder);
    if (astray.isPresent()) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s would be made elsewhere: %s", folder, astray.get()));
    }
    try {
      Files.createDirectories(folder);
      try (var present =
          Files.newDirectoryStream(
              folder, "{config.json,generation_config.json,*.safetensors,*.index.json}")) {
        for (Path file : present) {
          throw new CheckpointException(
              String.format(
                  Locale.ROOT,
                  "%s is there already; choose another folder or remove the model in it",
                  file));
        }
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
    if (!Files.isWritable(folder)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "The folder %s cannot be written to; change its permissions or choose another",
              folder));
    }
  }

  /**
   * Writes a checkpoint. What was begun is deleted if it fails.
   *
   * @param config the model
   * @param tensors its tensors, exactly those of {@link ModelLayout}
   * @throws CheckpointException if the tensors are not those of the architecture, the folder holds
   *     a model already, the disk lacks the room, or writing fails
   */
  public void write(ModelConfig config, List<TensorSource> tensors) {
    requireLayout(config, tensors);
    write(
        tensors,
        Map.of(),
        begun -> {
          writeJson(begun, Checkpoint.GENERATION_CONFIG_FILE, PublishedJson.generation(config));
          writeJson(begun, Checkpoint.CONFIG_FILE, PublishedJson.config(config));
        });
  }

  /** Writes what belongs to a checkpoint beside its tensors. */
  @FunctionalInterface
  interface Rest {
    /**
     * Writes.
     *
     * @param begun takes each file before it is begun, so that it is deleted if writing fails
     */
    void write(List<Path> begun) throws IOException;
  }

  /** Writes tensors, whose files tell some metadata, and then the rest. */
  void write(List<TensorSource> tensors, Map<String, String> metadata, Rest rest) {
    long total = tensors.stream().mapToLong(TensorSource::byteLength).sum();
    List<List<TensorSource>> shards = shards(tensors);
    Map<Path, List<TensorSource>> files = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          shards.size() == 1
              ? TensorFiles.SINGLE_FILE
              : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      files.put(folder.resolve(name), shards.get(i));
    }
    requireFreshFolder();
    requireRoom(total);
    List<Path> begun = new ArrayList<>();
    boolean complete = false;
    try {
      AtomicLong written = new AtomicLong();
      SafetensorsWriter writer =
          new SafetensorsWriter(bytes -> progress.update(written.addAndGet(bytes), total));
      for (Map.Entry<Path, List<TensorSource>> file : files.entrySet()) {
        begun.add(file.getKey());
        writer.write(file.getKey(), file.getValue(), metadata);
      }
      if (files.size() > 1) {
        writeJson(begun, TensorFiles.INDEX_FILE, index(files, total));
      }
      rest.write(begun);
      complete = true;
    } catch (IOException e) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "The checkpoint cannot be written to %s: %s",
              folder,
              FileFailure.reason(folder, e)),
          e);
    } finally {
      if (!complete) {
        begun.forEach(CheckpointWriter::deleteQuietly);
      }
    }
  }

  private static void requireLayout(ModelConfig config, List<TensorSource> tensors) {
    Map<String, TensorEntry> entries = new HashMap<>();
    for (TensorSource tensor : tensors) {
      TensorEntry entry =
          new TensorEntry(tensor.name(), tensor.type(), tensor.shape(), 0, tensor.byteLength());
      if (entries.put(tensor.name(), entry) != null) {
        throw new CheckpointException("Tensor " + Quoted.of(tensor.name()) + " is given twice");
      }
    }
    TensorCatalog catalog = TensorCatalog.compare(ModelLayout.of(config), entries);
    List<String> problems = new ArrayList<>(catalog.problems());
    problems.addAll(catalog.warnings(Path.of("the list")));
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          "The tensors given are not those of the architecture: " + Listing.of(problems, "; "));
    }
  }

  /** Fills one shard after the other, in the order of the tensors. */
  private List<List<TensorSource>> shards(List<TensorSource> tensors) {
    List<List<TensorSource>> shards = new ArrayList<>();
    List<TensorSource> current = new ArrayList<>();
    long size = 0;
    for (TensorSource tensor : tensors) {
      if (!current.isEmpty() && size + tensor.byteLength() > shardBytes) {
        shards.add(current);
        current = new ArrayList<>();
        size = 0;
      }
      current.add(tensor);
      size += tensor.byteLength();
    }
    shards.add(current);
    return shards;
  }

  private void requireRoom(long bytes) {
    try {
      long room = Files.getFileStore(folder).getUsableSpace();
      if (room < bytes) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "The checkpoint needs %d bytes, but the disk of %s has only %d left",
                bytes,
                folder,
                room));
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private CheckpointException unwritable(IOException cause) {
    return new CheckpointException(
        String.format(
            Locale.ROOT,
            "The folder %s cannot be written to: %s",
            folder,
            FileFailure.reason(folder, cause)),
        cause);
  }

  private void writeJson(List<Path> begun, String name, ObjectNode json) throws IOException {
    Path file = folder.resolve(name);
    begun.add(file);
    JsonFiles.write(file, json);
  }

  private static ObjectNode index(Map<Path, List<TensorSource>> files, long total) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("metadata").put("total_size", total);
    Map<String, String> shardOf = new TreeMap<>();
    files.forEach(
        (file, tensors) ->
            tensors.forEach(
                tensor -> shardOf.put(tensor.name(), String.valueOf(file.getFileName()))));
    ObjectNode weightMap = json.putObject("weight_map");
    shardOf.forEach(weightMap::put);
    return json;
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The failure that led here is the one to report.
      return;
    }
  }
}
