package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The safetensors files of a folder as one set of tensors: a single file, or shards that an index
 * lists.
 */
final class TensorFiles implements AutoCloseable {
  static final String SINGLE_FILE = "model.safetensors";
  static final String INDEX_FILE = "model.safetensors.index.json";
  private static final long LONGEST_INDEX = 100_000_000;

  private final List<SafetensorsFile> files = new ArrayList<>();
  private final Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();

  private TensorFiles() {}

  /** Opens the single file where there is one, else the shards of the index. */
  static TensorFiles open(Path folder) {
    TensorFiles opened = new TensorFiles();
    boolean complete = false;
    try {
      Path single = folder.resolve(SINGLE_FILE);
      Path index = folder.resolve(INDEX_FILE);
      if (FileFailure.isPresent(single)) {
        opened.add(SafetensorsFile.open(single), new ArrayList<>());
      } else if (FileFailure.isPresent(index)) {
        opened.addShards(folder, index);
      } else {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s holds neither %s nor %s; %s",
                folder,
                SINGLE_FILE,
                INDEX_FILE,
                FolderContents.of(folder).advice()));
      }
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        opened.close();
      }
    }
  }

  /** All tensors by name. */
  Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** What is worth saying of files that can be read. */
  List<String> warnings() {
    return Collections.unmodifiableList(warnings);
  }

  /** The file that holds a tensor. */
  SafetensorsFile fileOf(String name) {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "No tensor %s in %s",
              Quoted.of(name),
              Listing.of(files.stream().map(opened -> opened.path().toString()).toList())));
    }
    return file;
  }

  Collection<SafetensorsFile> files() {
    return Collections.unmodifiableList(files);
  }

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  private void addShards(Path folder, Path index) {
    Map<String, String> shardOf = readIndex(index);
    Set<String> shards = new TreeSet<>(shardOf.values());
    List<String> absent =
        shards.stream()
            .flatMap(
                shard ->
                    FileFailure.whyNoFile(folder.resolve(shard)).stream()
                        .map(why -> Quoted.of(shard) + " (" + why + ")"))
            .toList();
    if (!absent.isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s names %d files that cannot be read: %s; run the download again",
              index,
              absent.size(),
              Listing.of(absent)));
    }
    List<String> problems = new ArrayList<>();
    List<String> unlisted = new ArrayList<>();
    for (String shard : shards) {
      SafetensorsFile file = SafetensorsFile.open(folder.resolve(shard));
      add(file, problems);
      for (String name : file.tensors().keySet()) {
        if (!shard.equals(shardOf.get(name))) {
          unlisted.add(Quoted.of(name) + " in " + shard);
        }
      }
    }
    // No fault by itself: whether the model needs them is seen when its tensors are looked up.
    List<String> invented =
        shardOf.keySet().stream()
            .filter(name -> !entries.containsKey(name))
            .map(name -> Quoted.of(name) + " in " + shardOf.get(name))
            .toList();
    if (!invented.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s names %d tensors that are not where it says: %s",
              index,
              invented.size(),
              Listing.of(invented)));
    }
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s does not match its files, download them again: %s",
              index,
              Listing.of(problems, "; ")));
    }
    if (!unlisted.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s does not say where %d tensors are, which were found all the same: %s",
              index,
              unlisted.size(),
              Listing.of(unlisted)));
    }
  }

  private void add(SafetensorsFile file, List<String> problems) {
    files.add(file);
    requireKnownForm(file);
    file.tensors()
        .forEach(
            (name, entry) -> {
              if (entries.putIfAbsent(name, entry) != null) {
                problems.add(Quoted.of(name) + " is in two files");
              }
              fileOf.putIfAbsent(name, file);
            });
  }

  /** Quantized weights of another version may mean other numbers. */
  private static void requireKnownForm(SafetensorsFile file) {
    String version =
        file.metadata().getOrDefault(QuantizedTensor.VERSION_KEY, QuantizedTensor.VERSION);
    if (!version.equals(QuantizedTensor.VERSION)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s holds quantized weights of version %s, and this sparsed reads version %s; quantize the original model again, or use the sparsed that wrote it",
              file.path(),
              Quoted.of(version),
              QuantizedTensor.VERSION));
    }
  }

  /**
   * Tensor name to file name. File names must be plain: an index must not reach outside its folder.
   */
  private static Map<String, String> readIndex(Path index) {
    ObjectNode json = JsonFiles.read(index, LONGEST_INDEX);
    if (!(json.get("weight_map") instanceof ObjectNode weightMap) || weightMap.isEmpty()) {
      throw new CheckpointException(index + " lacks the object weight_map or has it empty");
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      String shard = entry.getValue().asText("");
      if (!entry.getValue().isTextual() || !isPlainFileName(shard)) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s places tensor %s in %s, which is no plain file name beside it",
                index,
                Quoted.of(entry.getKey()),
                Quoted.of(shard)));
      }
      shardOf.put(entry.getKey(), shard);
    }
    return shardOf;
  }

  private static boolean isPlainFileName(String name) {
    return !name.isBlank()
        && name.length() <= 255
        && name.endsWith(".safetensors")
        && !name.startsWith(".")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':')
        && Quoted.of(name).equals('"' + name + '"');
  }
}
