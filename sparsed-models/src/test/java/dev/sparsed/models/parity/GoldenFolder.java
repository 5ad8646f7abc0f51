package dev.sparsed.models.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.models.internal.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A folder with a manifest, checkpoints and tensors, and the cases that the manifest lists. */
final class GoldenFolder implements AutoCloseable {

  static final String MANIFEST = "manifest.json";

  private final Path path;
  private final JsonNode manifest;
  private final Map<String, SafetensorsFile> files = new HashMap<>();

  private GoldenFolder(Path path, JsonNode manifest) {
    this.path = path;
    this.manifest = manifest;
  }

  static GoldenFolder open(Path path) throws IOException {
    Path manifest = path.resolve(MANIFEST);
    return new GoldenFolder(path, new ObjectMapper().readTree(manifest.toFile()));
  }

  Path path() {
    return path;
  }

  List<GoldenCase> cases() {
    List<GoldenCase> cases = new ArrayList<>();
    manifest.path("cases").forEach(json -> cases.add(new GoldenCase(this, json)));
    return cases;
  }

  GoldenCase caseOf(String id) {
    return cases().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
  }

  JsonNode kind(String kind) {
    return manifest.path("kinds").path(kind);
  }

  Path checkpoint(String name) {
    for (JsonNode checkpoint : manifest.path("checkpoints")) {
      if (checkpoint.path("name").asText().equals(name)) {
        return path.resolve(checkpoint.path("folder").asText());
      }
    }
    throw new IllegalArgumentException("the manifest has no checkpoint " + name);
  }

  SafetensorsFile file(String name) {
    return files.computeIfAbsent(name, n -> SafetensorsFile.open(path.resolve(n)));
  }

  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }
}
