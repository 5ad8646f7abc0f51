package dev.sparsed.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** The page at {@code /}: files beside this class. */
final class WebPage {

  private static final Map<String, File> FILES =
      Map.of(
          "/", read("page.html", "text/html; charset=utf-8"),
          "/page.css", read("page.css", "text/css; charset=utf-8"),
          "/page.js", read("page.js", "text/javascript; charset=utf-8"));

  private WebPage() {}

  static Optional<File> file(String path) {
    return Optional.ofNullable(FILES.get(path));
  }

  private static File read(String name, String type) {
    try (InputStream content = WebPage.class.getResourceAsStream(name)) {
      if (content == null) {
        throw new IllegalStateException("the page lacks " + name);
      }
      return new File(type, content.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the page. */
  @SuppressWarnings("ArrayRecordComponent") // Written out as it is, never compared.
  record File(String type, byte[] content) {}
}
