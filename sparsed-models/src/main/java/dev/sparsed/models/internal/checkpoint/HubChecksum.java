package dev.sparsed.models.internal.checkpoint;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The SHA-256 that the hub says a large file has. A download into a folder leaves it as the etag in
 * a file beside; in the hub's cache it is the name of the file that a snapshot links to.
 */
final class HubChecksum {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final int LONGEST_METADATA = 4096;
  private static final int CHUNK = 1 << 22;

  private HubChecksum() {}

  /** The checksum that is known of a file; small files and files of other origin have none. */
  static Optional<String> expected(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      Path metadata =
          Path.of(folder + "/.cache/huggingface/download/" + file.getFileName() + ".metadata");
      if (Files.isRegularFile(metadata) && Files.size(metadata) <= LONGEST_METADATA) {
        List<String> lines = Files.readAllLines(metadata);
        return lines.size() < 2 ? Optional.empty() : checksum(lines.get(1));
      }
      Path real = file.toRealPath();
      Path parent = real.getParent();
      boolean inCache = parent != null && parent.endsWith("blobs");
      return inCache ? checksum(String.valueOf(real.getFileName())) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> checksum(String text) {
    String bare = text.strip().replace("\"", "");
    return SHA_256.matcher(bare).matches() ? Optional.of(bare) : Optional.empty();
  }

  /** The checksum of the file as it is. */
  static String actual(Path file) {
    Hasher hasher = Hashing.sha256().newHasher();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      while (channel.read(buffer) >= 0) {
        hasher.putBytes(buffer.flip());
        buffer.clear();
      }
    } catch (IOException e) {
      throw FileFailure.unreadable(file, e);
    }
    return hasher.hash().toString();
  }
}
