package dev.sparsed.demo;

import com.google.common.collect.ImmutableList;
import dev.sparsed.internal.TemporaryFolders;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small trained checkpoint that lies beside this class. */
public final class DemoCheckpoint {

  private static final ImmutableList<String> FILES =
      ImmutableList.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json");

  /** What programs that call a model as its folder call this one. */
  private static final String NAME = "sparsed-demo";

  private DemoCheckpoint() {}

  /**
   * The checkpoint as a folder. Out of a jar it is copied to a temporary folder, {@code
   * sparsed-demo} within one of this process, which is deleted when the JVM ends in an orderly way.
   *
   * @return a folder as Hugging Face publishes it
   */
  public static Path folder() {
    try {
      URI config = resource(FILES.get(0)).toURI();
      return config.getScheme().equals("file") ? Path.of(config).resolveSibling("") : copy();
    } catch (URISyntaxException | IOException e) {
      throw new IllegalStateException(
          "the embedded demo model cannot be opened: " + e.getMessage(), e);
    }
  }

  /** One of the checkpoint's files. */
  static InputStream open(String file) throws IOException {
    return resource(file).openStream();
  }

  private static Path copy() throws IOException {
    Path parent =
        TemporaryFolders.create(
            NAME,
            own -> {
              Path folder = Files.createDirectory(own.resolve(NAME));
              for (String file : FILES) {
                try (InputStream content = open(file)) {
                  Files.copy(content, folder.resolve(file));
                }
              }
            });
    return parent.resolve(NAME);
  }

  private static URL resource(String file) {
    URL url = DemoCheckpoint.class.getResource("checkpoint/" + file);
    if (url == null) {
      throw new IllegalStateException("the embedded demo model lacks " + file);
    }
    return url;
  }
}
