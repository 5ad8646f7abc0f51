package dev.sparsed.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** A page as it was written, read back. */
record WrittenPage(String html) {

  static WrittenPage of(Path file) throws IOException {
    return new WrittenPage(Files.readString(file));
  }

  JsonNode content() throws IOException {
    return new ObjectMapper().readTree(unpacked("report-json"));
  }

  byte[] bits() throws IOException {
    return unpacked("report-bits");
  }

  private byte[] unpacked(String id) throws IOException {
    Matcher matcher =
        Pattern.compile("<script type=\"text/plain\" id=\"" + id + "\">([A-Za-z0-9+/=]*)</script>")
            .matcher(html);
    if (!matcher.find()) {
      throw new AssertionError("the page has no part " + id + " in base64");
    }
    byte[] packed = Base64.getDecoder().decode(matcher.group(1));
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }
}
