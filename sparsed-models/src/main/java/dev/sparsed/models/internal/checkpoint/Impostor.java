package dev.sparsed.models.internal.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What often lies in the place of a file that was never downloaded. */
final class Impostor {
  private static final int LOOKED_AT = 256;
  private static final String LFS = "version https://git-lfs.github.com/spec/";

  private Impostor() {}

  /** What a file is instead of what its name says, and what to do; empty where nothing is known. */
  static Optional<String> in(Path file) {
    String start;
    try (InputStream bytes = Files.newInputStream(file)) {
      start = new String(bytes.readNBytes(LOOKED_AT), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (start.startsWith(LFS)) {
      return Optional.of(
          "it is a Git LFS pointer, which stands for the file that was not downloaded; run git lfs pull in its folder");
    }
    String text = start.stripLeading().toLowerCase(Locale.ROOT);
    if (text.startsWith("<!doctype") || text.startsWith("<html") || text.startsWith("<?xml")) {
      return Optional.of("it is a web page, not the file; download it again");
    }
    if (start.startsWith("GGUF")) {
      return Optional.of("it is a GGUF file; take the model's safetensors files");
    }
    if (start.startsWith("PK\u0003\u0004")) {
      return Optional.of(
          "it is a zip archive, such as PyTorch writes; take the model's safetensors files");
    }
    if (!start.isEmpty() && start.chars().allMatch(c -> c == 0)) {
      return Optional.of("it begins with zeros; its download was interrupted, run it again");
    }
    return Optional.empty();
  }
}
