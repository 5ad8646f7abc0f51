package dev.sparsed.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** The page around its content: markup, style and scripts, which lie beside this class. */
final class Page {

  /** Each builds on those before it. */
  private static final List<String> SCRIPTS =
      List.of(
          "base.js",
          "data.js",
          "result.js",
          "timeline.js",
          "times.js",
          "maps.js",
          "explorer.js",
          "matrix.js",
          "main.js");

  private static final Pattern PLACE = Pattern.compile("\\$\\{(\\w+)\\}");

  private Page() {}

  /** The whole page as text. */
  static String of(PageContent content, PatternPack patterns) {
    Map<String, String> parts =
        Map.of(
            "title", escaped(content.title()),
            "style", resource("report.css"),
            "json", packed(content),
            "bits", patterns.text(),
            "script", SCRIPTS.stream().map(Page::resource).collect(Collectors.joining("\n")));
    return PLACE
        .matcher(resource("report.html"))
        .replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
  }

  private static String packed(PageContent content) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(Base64.getEncoder().wrap(packed))) {
      new ObjectMapper().writeValue(out, content);
    } catch (IOException e) {
      throw new UncheckedIOException("the report's content cannot be written as JSON", e);
    }
    return packed.toString(StandardCharsets.US_ASCII);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String resource(String name) {
    try (InputStream content = Page.class.getResourceAsStream(name)) {
      if (content == null) {
        throw new IllegalStateException("the page's part " + name + " is not in the jar");
      }
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the page's part " + name + " cannot be read", e);
    }
  }
}
