package dev.sparsed.cli.hub;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A file of a repository.
 *
 * @param path its path in the repository
 * @param etag by which the hub tells its content from other: the SHA-256 of large files, the SHA-1
 *     that Git gives small ones
 * @param size in bytes
 */
public record HubFile(String path, String etag, long size) {

  private static final Pattern PART = Pattern.compile("[\\w][\\w.+ -]*");
  private static final Pattern ETAG = Pattern.compile("[0-9A-Za-z-]{1,128}");
  private static final int LONGEST_PATH = 255;

  /** Whether a path leads out of its folder somewhere; no honest repository has such a file. */
  static boolean escapes(String path) {
    return path.startsWith("/")
        || path.contains("\\")
        || Arrays.asList(path.split("/", -1)).contains("..");
  }

  /** Whether a path stays below the folder that it is resolved against, on every system. */
  static boolean isSafe(String path) {
    if (path.length() > LONGEST_PATH) {
      return false;
    }
    for (String part : path.split("/", -1)) {
      if (!PART.matcher(part).matches() || part.endsWith(".") || part.endsWith(" ")) {
        return false;
      }
    }
    return true;
  }

  /** Whether a text can be the name of a file's content. */
  static boolean isEtag(String text) {
    return ETAG.matcher(text).matches();
  }
}
