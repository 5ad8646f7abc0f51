package dev.sparsed.internal;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Folders of this process in the system's temporary folder, which nobody else can enter. They are
 * deleted when the JVM ends in an orderly way.
 */
public final class TemporaryFolders {

  /** Those that are still there; guarded by this class. */
  private static final List<Path> FOLDERS = new ArrayList<>();

  private static boolean deletedAtExit;

  /** Other threads may still be writing when all is deleted. */
  private static final int ATTEMPTS = 3;

  private TemporaryFolders() {}

  /** Writes the files of a new folder. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes all of them.
     *
     * @param folder an empty folder
     * @throws IOException if a file cannot be written
     */
    void writeTo(Path folder) throws IOException;
  }

  /**
   * Makes a folder with files, whole or not at all.
   *
   * @param prefix how its name begins
   * @param content writes the files
   * @return the folder
   * @throws IOException if it cannot be made; the message says whether the file system is full
   */
  public static synchronized Path create(String prefix, Content content) throws IOException {
    Path folder = create(prefix);
    try {
      content.writeTo(folder);
      return folder;
    } catch (IOException e) {
      IOException failure = failure(folder.resolveSibling(""), e);
      delete(folder);
      throw failure;
    }
  }

  /**
   * Makes an empty folder with a name that nobody has used before.
   *
   * @param prefix how its name begins
   * @return the folder
   * @throws IOException if it cannot be made; the message says whether the file system is full
   */
  public static synchronized Path create(String prefix) throws IOException {
    Path parent = parent();
    Path folder;
    try {
      folder = Files.createTempDirectory(parent, prefix);
    } catch (IOException e) {
      throw failure(parent, e);
    }
    if (!deletedAtExit) {
      deletedAtExit = true;
      Runtime.getRuntime().addShutdownHook(new Thread(TemporaryFolders::deleteAll));
    }
    FOLDERS.add(folder);
    return folder;
  }

  /** The failure with a message that says whether the file system is full. */
  static IOException failure(Path folder, IOException failure) {
    Optional<String> shortage = DiskSpace.shortage(folder, failure);
    String reason = shortage.orElseGet(() -> "cannot write to " + folder + ": " + failure);
    return new IOException(
        reason + "; -Djava.io.tmpdir names another folder for temporary files", failure);
  }

  /**
   * Deletes one of the folders.
   *
   * @param folder a folder that {@link #create} made
   */
  public static synchronized void delete(Path folder) {
    if (FOLDERS.remove(folder)) {
      deleteTree(folder);
    }
  }

  /**
   * Deletes all of them; for a program that is about to end in another way than {@link
   * System#exit}. None of them may be used afterwards.
   */
  public static synchronized void deleteAll() {
    FOLDERS.forEach(TemporaryFolders::deleteTree);
    FOLDERS.clear();
  }

  /** The system's temporary folder. */
  static Path parent() throws IOException {
    String name = System.getProperty("java.io.tmpdir", "");
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new IOException("java.io.tmpdir is no folder's name here: " + name, e);
    }
  }

  private static void deleteTree(Path folder) {
    for (int attempt = 0; attempt < ATTEMPTS && Files.exists(folder); attempt++) {
      try {
        Files.walkFileTree(folder, new Deletion());
      } catch (IOException e) {
        // The process ends; what stays behind lies where the system clears up.
      }
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      return delete(file);
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
      return delete(folder);
    }

    private static FileVisitResult delete(Path path) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // Windows keeps loaded libraries.
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
