package dev.sparsed.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this library. */
public final class LibraryVersion {

  private LibraryVersion() {}

  /**
   * The version that the build has written into the jar.
   *
   * @return such as {@code 0.1.0}; {@code unknown} where the jar was made by another build
   */
  public static String text() {
    try (InputStream stream = LibraryVersion.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      if (stream != null) {
        properties.load(stream);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
