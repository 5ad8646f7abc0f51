package dev.sparsed.cli.eval;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Short names for the content of files. */
final class Fingerprint {

  private static final int SHOWN = 16;

  private Fingerprint() {}

  /** The beginning of the file's SHA-256. */
  static String of(Path file) throws IOException {
    return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString().substring(0, SHOWN);
  }
}
