package dev.sparsed.demo;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The small trained checkpoint that lies beside this class. */
public final class DemoCheckpoint {

  private static final ImmutableList<String> FILES =
      ImmutableList.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json");

  /** Temporary folders that are still there; guarded by this class. */
  private static final List<Path> COPIES = new ArrayList<>();

  private DemoCheckpoint() {}

  /**
   * The checkpoint as a folder. Out of a jar it is copied to a temporary folder, which is deleted
   * when the JVM ends in an orderly way.
   *
   * @return a folder as Hugging Face publishes it
   */
  public static Path folder() {
    try {
      URI config = resource(FILES.get(0)).toURI();
      return config.getScheme().equals("file") ? Path.of(config).resolveSibling("") : copy();
    } catch (URISyntaxException | IOException e) {
      throw new IllegalStateException("the embedded demo model cannot be read: " + e, e);
    }
  }

  /** One of the checkpoint's files. */
  static InputStream open(String file) throws IOException {
    return resource(file).openStream();
  }

  /**
   * Deletes the temporary folders; for a program that is about to end in another way than {@link
   * System#exit}. None of {@link #folder()}'s folders may be used afterwards.
   */
  public static synchronized void deleteCopies() {
    COPIES.forEach(DemoCheckpoint::delete);
    COPIES.clear();
  }

  private static synchronized Path copy() throws IOException {
    Path folder = Files.createTempDirectory("sparsed-demo");
    if (COPIES.isEmpty()) {
      Runtime.getRuntime().addShutdownHook(new Thread(DemoCheckpoint::deleteCopies));
    }
    COPIES.add(folder);
    for (String file : FILES) {
      try (InputStream content = open(file)) {
        Files.copy(content, folder.resolve(file));
      }
    }
    return folder;
  }

  private static URL resource(String file) {
    URL url = DemoCheckpoint.class.getResource("checkpoint/" + file);
    if (url == null) {
      throw new IllegalStateException("the embedded demo model lacks " + file);
    }
    return url;
  }

  private static void delete(Path folder) {
    try {
      for (String file : FILES) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // The process ends; what stays behind lies where the system clears up.
    }
  }
}
