package dev.sparsed.models.internal.checkpoint;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The recorded checkpoints in the test resources. */
final class Goldens {
  private Goldens() {}

  static Path file(String name) {
    URL url = Objects.requireNonNull(Goldens.class.getResource("/goldens/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path checkpoint(String name) {
    return file("checkpoints/" + name);
  }
}
