package dev.sparsed.cuda;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Machine code on disk, named by a hash of everything it was made from. Files carry a checksum: one
 * that does not match is ignored and replaced. A folder that cannot be written is no error; images
 * are then compiled again in each process.
 */
final class ImageCache {

  /** System property that names the folder. */
  static final String FOLDER_PROPERTY = "dev.sparsed.cuda.cache";

  private static final Logger LOG = System.getLogger(ImageCache.class.getName());
  private static final int CHECKSUM_BYTES = 32;

  private final Path folder;

  ImageCache(Path folder) {
    this.folder = folder;
  }

  /** The user's cache: the property's folder, or sparsed/cuda below the user's cache folder. */
  static ImageCache standard() {
    String named = System.getProperty(FOLDER_PROPERTY);
    if (named != null) {
      return new ImageCache(Path.of(named));
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home", "."), ".cache")
            : Path.of(xdg);
    return new ImageCache(base.resolve("sparsed").resolve("cuda"));
  }

  String describe() {
    return folder.toString();
  }

  Optional<byte[]> read(List<String> key) {
    Path file = file(key);
    try {
      byte[] stored = Files.readAllBytes(file);
      if (stored.length > CHECKSUM_BYTES) {
        byte[] image = Arrays.copyOfRange(stored, CHECKSUM_BYTES, stored.length);
        if (checksum(image).equals(HashCode.fromBytes(Arrays.copyOf(stored, CHECKSUM_BYTES)))) {
          return Optional.of(image);
        }
      }
      LOG.log(Level.WARNING, "the cached kernel {0} is damaged and will be replaced", file);
    } catch (NoSuchFileException e) {
      // Not compiled yet.
    } catch (IOException | SecurityException e) {
      LOG.log(Level.DEBUG, "cannot read the cached kernel " + file, e);
    }
    return Optional.empty();
  }

  void write(List<String> key, byte[] image) {
    Path file = file(key);
    try {
      Files.createDirectories(folder);
      // Moved into place whole, so that no other process reads a part of it.
      Path part = Files.createTempFile(folder, "kernel", ".part");
      try {
        byte[] content = Arrays.copyOf(checksum(image).asBytes(), CHECKSUM_BYTES + image.length);
        System.arraycopy(image, 0, content, CHECKSUM_BYTES, image.length);
        Files.write(part, content);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException | SecurityException e) {
      LOG.log(Level.DEBUG, "cannot keep the compiled kernel in " + folder, e);
    }
  }

  Path file(List<String> key) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (String part : key) {
      hasher.putInt(part.length()).putString(part, StandardCharsets.UTF_8);
    }
    return folder.resolve(hasher.hash() + ".cubin");
  }

  private static HashCode checksum(byte[] image) {
    return Hashing.sha256().hashBytes(image);
  }
}
