package dev.sparsed.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Settings of JavaCPP, through which most native libraries are loaded. They must be made before its
 * first use; where the program has made them itself they stay.
 */
public final class JavaCpp {

  /** Names of the properties with the folder that libraries are unpacked to. */
  private static final String[] FOLDERS = {
    "org.bytedeco.javacpp.cachedir", "org.bytedeco.javacpp.cacheDir"
  };

  /** Each of the two has a spelling of its own that comes first. */
  private static final String[][] LIMITS = {
    {"org.bytedeco.javacpp.maxbytes", "org.bytedeco.javacpp.maxBytes"},
    {"org.bytedeco.javacpp.maxphysicalbytes", "org.bytedeco.javacpp.maxPhysicalBytes"}
  };

  private static boolean prepared;
  private static @Nullable String failure;

  private JavaCpp() {}

  /**
   * Makes the settings: libraries are unpacked to {@link CacheFolders}' folder, and memory is not
   * limited to the size of the Java heap, which is smaller than a checkpoint. To be called before
   * anything of JavaCPP is touched.
   *
   * @param folderInUse the folder that JavaCPP has or will then have, {@code Loader::getCacheDir};
   *     asked for once per process
   * @throws IllegalStateException if libraries would be loaded from a folder where another user can
   *     plant them, or there is no folder to unpack them to
   */
  public static synchronized void prepare(Callable<File> folderInUse) {
    if (!prepared) {
      prepared = true;
      liftLimits();
      failure = chooseFolder(folderInUse);
    }
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }

  /**
   * Whether the program itself has set one of the limits of memory.
   *
   * @return false if they are those that {@link #prepare} sets
   */
  public static boolean isLimitedByUser() {
    for (String[] spellings : LIMITS) {
      for (String name : spellings) {
        String value = System.getProperty(name);
        if (value != null && !value.equals("0")) {
          return true;
        }
      }
    }
    return false;
  }

  private static void liftLimits() {
    for (String[] spellings : LIMITS) {
      if (System.getProperty(spellings[0]) == null && System.getProperty(spellings[1]) == null) {
        System.setProperty(spellings[1], "0");
      }
    }
  }

  /** Sets the folder unless the program has; returns why it cannot be used. */
  private static @Nullable String chooseFolder(Callable<File> folderInUse) {
    try {
      String given = given();
      if (given == null) {
        System.setProperty(FOLDERS[0], CacheFolders.folder("javacpp").toString());
      }
      Path used = used(folderInUse);
      if (given == null && used.equals(real(CacheFolders.folder("javacpp")))) {
        return null;
      }
      if (given != null && used.equals(real(path(given)))) {
        CacheFolders.warning(used, "-D" + FOLDERS[0]).ifPresent(Notices::add);
        return null;
      }
      // JavaCPP was used before, or could not write: it then takes a folder others can foresee.
      return CacheFolders.problem(used).map(why -> refusal(used, why)).orElse(null);
    } catch (IOException e) {
      return "native libraries cannot be unpacked: " + e.getMessage();
    }
  }

  private static String refusal(Path used, String problem) {
    return "JavaCPP loads native libraries from "
        + used
        + ", where another user can plant them: "
        + problem
        + "; -D"
        + FOLDERS[0]
        + "=FOLDER names a folder that only you can write to";
  }

  private static Path path(String given) throws IOException {
    try {
      return Path.of(given);
    } catch (InvalidPathException e) {
      throw new IOException("-D" + FOLDERS[0] + " is no folder's name here: " + given, e);
    }
  }

  private static Path real(Path path) throws IOException {
    return path.toFile().getCanonicalFile().toPath();
  }

  private static Path used(Callable<File> folderInUse) throws IOException {
    try {
      return real(folderInUse.call().toPath());
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("JavaCPP does not start: " + e, e);
    }
  }

  private static @Nullable String given() {
    for (String name : FOLDERS) {
      String value = System.getProperty(name);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }
}
