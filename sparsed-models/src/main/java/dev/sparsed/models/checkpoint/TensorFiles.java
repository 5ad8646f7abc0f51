package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

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

  private TensorFiles() {}

  /** Opens the single file where there is one, else the shards of the index. */
  static TensorFiles open(Path folder) {
    TensorFiles opened = new TensorFiles();
    boolean complete = false;
    try {
      Path single = folder.resolve(SINGLE_FILE);
      Path index = folder.resolve(INDEX_FILE);
      if (Files.exists(single)) {
        opened.add(SafetensorsFile.open(single));
      } else if (Files.exists(index)) {
        opened.addShards(folder, index);
      } else {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s holds neither %s nor %s; if the download was interrupted run it again, if the weights are in another format convert them to safetensors",
                folder,
                SINGLE_FILE,
                INDEX_FILE));
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

  /** The file that holds a tensor. */
  SafetensorsFile fileOf(String name) {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "No tensor %s in %s",
              Quoted.name(name),
              files.stream().map(SafetensorsFile::path).toList()));
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
    Map<String, List<String>> namesOf = new TreeMap<>();
    shardOf.forEach(
        (name, shard) -> namesOf.computeIfAbsent(shard, unused -> new ArrayList<>()).add(name));
    List<String> absent =
        namesOf.keySet().stream()
            .filter(shard -> !Files.isRegularFile(folder.resolve(shard)))
            .map(Quoted::name)
            .toList();
    if (!absent.isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s names files that are not there: %s; run the download again",
              index,
              String.join(", ", absent)));
    }
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, List<String>> shard : namesOf.entrySet()) {
      SafetensorsFile file = SafetensorsFile.open(folder.resolve(shard.getKey()));
      add(file, problems);
      for (String name : shard.getValue()) {
        if (!file.tensors().containsKey(name)) {
          problems.add(Quoted.name(name) + " is not in " + shard.getKey());
        }
      }
      for (String name : file.tensors().keySet()) {
        if (!shard.getKey().equals(shardOf.get(name))) {
          problems.add(
              Quoted.name(name) + " is in " + shard.getKey() + " though the index does not say so");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s does not match its files, download them again: %s",
              index,
              String.join("; ", problems)));
    }
  }

  private void add(SafetensorsFile file) {
    List<String> problems = new ArrayList<>();
    add(file, problems);
  }

  private void add(SafetensorsFile file, List<String> problems) {
    files.add(file);
    file.tensors()
        .forEach(
            (name, entry) -> {
              if (entries.putIfAbsent(name, entry) != null) {
                problems.add(Quoted.name(name) + " is in two files");
              }
              fileOf.putIfAbsent(name, file);
            });
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
                Quoted.name(entry.getKey()),
                Quoted.name(shard)));
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
        && name.chars()
            .allMatch(c -> c != '/' && c != '\\' && c != ':' && !Character.isISOControl(c));
  }
}
