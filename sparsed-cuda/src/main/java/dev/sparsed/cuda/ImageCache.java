package dev.sparsed.cuda;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.sparsed.internal.CacheFolders;
import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

  private final Optional<Path> folder;
  private final String description;

  private ImageCache(Optional<Path> folder, String description) {
    this.folder = folder;
    this.description = description;
  }

  /** A cache in a folder whose content only this user can change. */
  static ImageCache in(Path folder) {
    return new ImageCache(Optional.of(folder), folder.toString());
  }

  /** The property's folder, or the one of this user's cache; where neither is safe, no folder. */
  static ImageCache standard() {
    String named = System.getProperty(FOLDER_PROPERTY);
    try {
      if (named == null) {
        return in(CacheFolders.folder("cuda"));
      }
      Path folder = Path.of(named);
      CacheFolders.warning(folder, "-D" + FOLDER_PROPERTY)
          .ifPresent(warning -> LOG.log(Level.WARNING, warning));
      return in(folder);
    } catch (IOException | InvalidPathException e) {
      LOG.log(Level.DEBUG, "compiled kernels are not kept", e);
      return new ImageCache(Optional.empty(), "none: " + e.getMessage());
    }
  }

  String describe() {
    return description;
  }

  Optional<byte[]> read(List<String> key) {
    return folder.flatMap(kept -> read(kept.resolve(fileName(key))));
  }

  private static Optional<byte[]> read(Path file) {
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
    folder.ifPresent(kept -> write(kept, kept.resolve(fileName(key)), image));
  }

  private static void write(Path folder, Path file, byte[] image) {
    try {
      Files.createDirectories(folder);
      WholeFile.write(
          file,
          out -> {
            out.write(checksum(image).asBytes());
            out.write(image);
          });
    } catch (IOException | SecurityException e) {
      LOG.log(Level.DEBUG, "cannot keep the compiled kernel in " + folder, e);
    }
  }

  static String fileName(List<String> key) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (String part : key) {
      hasher.putInt(part.length()).putString(part, StandardCharsets.UTF_8);
    }
    return hasher.hash() + ".cubin";
  }

  private static HashCode checksum(byte[] image) {
    return Hashing.sha256().hashBytes(image);
  }
}
