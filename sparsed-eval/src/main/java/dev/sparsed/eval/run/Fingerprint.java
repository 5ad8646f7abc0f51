package dev.sparsed.eval.run;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Short names for the content of files. */
public final class Fingerprint {

  private static final int SHOWN = 16;

  private Fingerprint() {}

  /**
   * The beginning of a file's SHA-256.
   *
   * @param file the file
   * @return hexadecimal digits
   * @throws IOException if it cannot be read
   */
  public static String of(Path file) throws IOException {
    return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString().substring(0, SHOWN);
  }
}
