package dev.sparsed.models.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.models.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A folder with a manifest, checkpoints and tensors, and the cases that the manifest lists. */
final class GoldenFolder implements AutoCloseable {

  private final Path path;
  private final JsonNode manifest;
  private final Map<String, SafetensorsFile> files = new HashMap<>();

  private GoldenFolder(Path path, JsonNode manifest) {
    this.path = path;
    this.manifest = manifest;
  }

  /** The folder of {@code -Dsparsed.goldens}, or the one among the test resources. */
  static GoldenFolder open() throws IOException {
    Path path = locate();
    Path manifest = path.resolve("manifest.json");
    return new GoldenFolder(path, new ObjectMapper().readTree(manifest.toFile()));
  }

  private static Path locate() throws IOException {
    String asked = System.getProperty("sparsed.goldens", "");
    if (asked.isEmpty()) {
      return resource();
    }
    // The test runs in the module's folder, its user typed the command in the project's.
    for (Path candidate : List.of(Path.of(asked), Path.of("..").resolve(asked))) {
      if (Files.exists(candidate.resolve("manifest.json"))) {
        return candidate;
      }
    }
    throw new IOException("there is no manifest.json in -Dsparsed.goldens=" + asked);
  }

  private static Path resource() throws IOException {
    URL url = Objects.requireNonNull(GoldenFolder.class.getResource("/goldens/manifest.json"));
    try {
      URI uri = url.toURI();
      return Objects.requireNonNull(Path.of(uri).getParent());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
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
