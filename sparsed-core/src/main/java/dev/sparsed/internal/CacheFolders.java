package dev.sparsed.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where native libraries and compiled kernels are unpacked: in a folder whose content nobody but
 * this user and root can change, for it is loaded into the process. Measurements are kept there
 * too. The one place that decides it.
 *
 * <p>In this order: the folder that {@link #PROPERTY} names; {@code sparsed} in the user's cache
 * folder ({@link UserFolders#cache}), made with mode 0700; where that cannot be written or is not
 * safe, a new folder of this process in the temporary folder, which is deleted when the JVM ends.
 */
public final class CacheFolders {

  /** Name of the system property with the folder to use. It is the user's own to keep safe. */
  public static final String PROPERTY = "dev.sparsed.cache";

  private static final String REMEDY =
      "; -D" + PROPERTY + "=FOLDER names a folder that only you can write to";

  private CacheFolders() {}

  /** Decided once per process, as what was loaded is not loaded again. */
  private static final class OfProcess {

    static final @Nullable Choice CHOICE;
    static final String FAILURE;

    static {
      Choice choice = null;
      String failure = "";
      try {
        choice = choose(System.getProperty(PROPERTY), UserFolders.ofProcess());
        choice.notice().ifPresent(Notices::add);
      } catch (IOException e) {
        failure = String.valueOf(e.getMessage());
      }
      CHOICE = choice;
      FAILURE = failure;
    }
  }

  /**
   * A folder of this process's cache.
   *
   * @param name what it holds, one name without separators
   * @return an existing folder
   * @throws IOException if there is no safe place, or it cannot be written; the message says why
   *     and what to do
   */
  public static Path folder(String name) throws IOException {
    Path folder = choice().folder().resolve(name);
    try {
      return make(folder);
    } catch (IOException e) {
      throw new IOException(reason(folder, e) + REMEDY, e);
    }
  }

  /**
   * What is wrong with a folder for code that the user chose himself.
   *
   * @param folder the folder, which need not exist
   * @param setting what names it
   * @return a warning, empty if only this user and root can change what lies there
   */
  public static Optional<String> warning(Path folder, String setting) {
    return problem(folder)
        .map(
            problem ->
                "the libraries in "
                    + folder
                    + ", which "
                    + setting
                    + " names, can be another user's: "
                    + problem);
  }

  /** What is wrong with a folder; one that is missing is as safe as the one it will be made in. */
  static Optional<String> problem(Path folder) {
    try {
      PathTrust trust = PathTrust.ofProcess();
      return Files.exists(folder)
          ? trust.problemOfOwn(folder)
          : trust.problemOfWay(existing(folder));
    } catch (IOException e) {
      return Optional.of(reason(folder, e));
    }
  }

  /**
   * Chooses.
   *
   * @param named what the property names, if anything
   * @param user the user's folders
   */
  static Choice choose(@Nullable String named, UserFolders user) throws IOException {
    if (named != null) {
      Path folder = named(named);
      return new Choice(folder, warning(folder, "-D" + PROPERTY));
    }
    Optional<Path> cache = user.cache();
    String problem;
    if (cache.isPresent()) {
      Path folder = cache.get().resolve("sparsed");
      Optional<String> found = own(folder);
      if (found.isEmpty()) {
        return new Choice(folder, Optional.empty());
      }
      problem = found.get();
    } else {
      problem = user.whyNoCache();
    }
    Path fresh = fresh(problem);
    return new Choice(
        fresh,
        Optional.of(
            "native libraries are unpacked anew in each process, now to "
                + fresh
                + ", because "
                + problem
                + REMEDY));
  }

  private static Path named(String name) throws IOException {
    try {
      return make(Path.of(name));
    } catch (InvalidPathException e) {
      throw new IOException("-D" + PROPERTY + " is no folder's name here: " + name, e);
    } catch (IOException e) {
      throw new IOException(
          "-D" + PROPERTY + " names a folder that cannot be used: " + reason(Path.of(name), e), e);
    }
  }

  /** Makes the user's own folder, unless that is not safe; returns why not. */
  private static Optional<String> own(Path folder) {
    try {
      PathTrust trust = PathTrust.ofProcess();
      // Before anything is made, for it could be made where a link of another user's points.
      Optional<String> way = trust.problemOfWay(existing(folder));
      if (way.isPresent()) {
        return way;
      }
      make(folder);
      Optional<String> problem = trust.problemOfOwn(folder);
      if (problem.isEmpty()) {
        close(folder);
      }
      return problem;
    } catch (IOException e) {
      return Optional.of(reason(folder, e));
    }
  }

  private static Path fresh(String problem) throws IOException {
    Path parent = TemporaryFolders.parent();
    Optional<String> unsafe = PathTrust.ofProcess().problemOfWay(parent.toAbsolutePath());
    if (unsafe.isPresent()) {
      throw new IOException(
          "there is no folder that only this user can write to: "
              + problem
              + ", and "
              + unsafe.get()
              + REMEDY);
    }
    return TemporaryFolders.create("sparsed-");
  }

  /** Makes a folder and those above it for this user alone. */
  private static Path make(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, forUserAlone(folder));
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(folder + " cannot be written");
    }
    return folder;
  }

  private static FileAttribute<?>[] forUserAlone(Path folder) {
    return hasModes(folder)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void close(Path folder) throws IOException {
    if (hasModes(folder)) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static boolean hasModes(Path folder) {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** The folder, or the innermost above it that is there. */
  private static Path existing(Path folder) {
    Path at = folder.toAbsolutePath();
    while (at.getParent() != null && !Files.exists(at)) {
      at = at.getParent();
    }
    return at;
  }

  private static String reason(Path folder, IOException failure) {
    return DiskSpace.shortage(existing(folder), failure)
        .orElseGet(() -> folder + " cannot be used (" + failure + ")");
  }

  private static Choice choice() throws IOException {
    if (OfProcess.CHOICE == null) {
      throw new IOException(OfProcess.FAILURE);
    }
    return OfProcess.CHOICE;
  }

  /**
   * What was chosen.
   *
   * @param folder the folder
   * @param notice what the user should know of it
   */
  record Choice(Path folder, Optional<String> notice) {}
}
