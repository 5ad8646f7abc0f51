package dev.sparsed.models.parity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where golden data lies: the folder of {@code -Dsparsed.goldens} and its direct subfolders, or
 * those among the test resources.
 *
 * @param roots folders that hold golden data or folders with it
 */
record GoldenData(List<Path> roots) {

  /** Finds the data; none at all is an error. */
  static GoldenData locate() throws IOException {
    String asked = System.getProperty("sparsed.goldens", "");
    if (asked.isEmpty()) {
      return new GoldenData(List.of(resource("goldens"), resource("goldens2")));
    }
    // The test runs in the module's folder, its user typed the command in the project's.
    for (Path candidate : List.of(Path.of(asked), Path.of("..").resolve(asked))) {
      GoldenData data = new GoldenData(List.of(candidate));
      if (Files.isDirectory(candidate)
          && !(data.folders().isEmpty() && data.fastDllm().isEmpty())) {
        return data;
      }
    }
    throw new IOException(
        "there is neither a manifest.json nor a fast-dllm-*.jsonl in -Dsparsed.goldens=" + asked);
  }

  static Path resource(String name) {
    URL url = Objects.requireNonNull(GoldenData.class.getResource("/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Folders with a manifest. */
  List<Path> folders() {
    return found(folder -> Files.exists(folder.resolve(GoldenFolder.MANIFEST)));
  }

  /** Folders that tokenizers with expected ids may lie in. */
  List<Path> all() {
    return found(folder -> true);
  }

  /** Files of cases from Fast-dLLM's code. */
  List<Path> fastDllm() {
    return all().stream()
        .flatMap(folder -> children(folder).stream())
        .filter(file -> String.valueOf(file.getFileName()).matches("fast-dllm-.*\\.jsonl"))
        .toList();
  }

  /**
   * The checkpoint of a name, in {@code checkpoints} of one of the folders, else of those among the
   * test resources.
   */
  Path checkpoint(String name) {
    return Stream.concat(
            all().stream(), new GoldenData(List.of(resource("goldens2"))).all().stream())
        .map(folder -> folder.resolve("checkpoints").resolve(name))
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException("no folder of " + roots + " has checkpoints/" + name));
  }

  private List<Path> found(Predicate<Path> wanted) {
    return roots.stream()
        .flatMap(root -> Stream.concat(Stream.of(root), children(root).stream()))
        .filter(Files::isDirectory)
        .filter(wanted)
        .toList();
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
