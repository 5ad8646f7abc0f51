package dev.sparsed.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import dev.sparsed.internal.CacheFolders;
import dev.sparsed.internal.DiskSpace;
import dev.sparsed.internal.Notices;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.text.internal.Loggers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Loads Hugging Face's native tokenizers out of DJL's jar, once.
 *
 * <p>Not by DJL's own loader: where the home folder cannot be written that one loads whatever lies
 * under a fixed name in the temporary folder of all users, and it looks for graphics cards first,
 * for which it has no use here. Its settings are heeded: {@code RUST_LIBRARY_PATH}, {@code
 * ENGINE_CACHE_DIR} and {@code DJL_CACHE_DIR}, as environment variables or system properties.
 */
final class NativeTokenizerLibrary {

  private static final String RESOURCES = "/native/lib/";

  /** What Windows needs beside the library, in the order of loading. */
  private static final ImmutableList<String> WINDOWS_RUNTIME =
      ImmutableList.of("libwinpthread-1.dll", "libgcc_s_seh-1.dll", "libstdc++-6.dll");

  /** Why the library could not be loaded, null if it was. */
  private static final @Nullable String FAILURE = tryLoad();

  private NativeTokenizerLibrary() {}

  /**
   * Requires the library.
   *
   * @throws TokenizerException if it could not be loaded
   */
  static void load() {
    if (FAILURE != null) {
      throw new TokenizerException("the native tokenizers library could not be loaded: " + FAILURE);
    }
  }

  private static @Nullable String tryLoad() {
    try {
      requireSameLoader();
      Path folder = folder();
      Notices.take().forEach(Loggers.of(NativeTokenizerLibrary.class)::warn);
      for (String file : files()) {
        System.load(folder.resolve(file).toAbsolutePath().toString());
      }
      return null;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      return Throwables.getCausalChain(e).stream()
          .map(Throwable::toString)
          .collect(
              Collectors.joining(
                  ", caused by ",
                  "",
                  "; the ai.djl.huggingface:tokenizers jar has it for Linux with glibc, macOS on Arm"
                      + " and Windows x86-64"));
    }
  }

  /** Native methods are looked for in the libraries of their class's own loader. */
  private static void requireSameLoader() throws IOException {
    if (TokenizersLibrary.class.getClassLoader() != NativeTokenizerLibrary.class.getClassLoader()) {
      throw new IOException(
          "ai.djl.huggingface:tokenizers and sparsed-text are loaded by different class loaders;"
              + " put both jars into the same one");
    }
  }

  /** The folder with the library in it, unpacked if need be. */
  private static Path folder() throws IOException {
    Optional<String> given = setting("RUST_LIBRARY_PATH");
    if (given.isPresent()) {
      Path path = path("RUST_LIBRARY_PATH", given.get());
      warn(path, "RUST_LIBRARY_PATH");
      return Files.isDirectory(path) ? path : path.toAbsolutePath().resolveSibling("");
    }
    Path folder = cache().resolve(version() + "-cpu-" + platform());
    try {
      Files.createDirectories(folder);
      for (String file : files()) {
        unpack(file, folder.resolve(file));
      }
    } catch (IOException e) {
      throw new IOException(
          DiskSpace.shortage(cache(), e).orElseGet(() -> "cannot unpack to " + folder + ": " + e),
          e);
    }
    return folder;
  }

  private static Path cache() throws IOException {
    for (String name : new String[] {"ENGINE_CACHE_DIR", "DJL_CACHE_DIR"}) {
      Optional<String> given = setting(name);
      if (given.isPresent()) {
        Path folder = path(name, given.get()).resolve("tokenizers");
        warn(folder, name);
        return folder;
      }
    }
    return CacheFolders.folder("tokenizers");
  }

  private static void unpack(String file, Path target) throws IOException {
    if (Files.exists(target)) {
      return;
    }
    String resource = RESOURCES + platform() + "/cpu/" + file;
    try (InputStream content = TokenizersLibrary.class.getResourceAsStream(resource)) {
      if (content == null) {
        throw new IOException("the ai.djl.huggingface:tokenizers jar has no " + resource);
      }
      WholeFile.write(target, content::transferTo);
    }
  }

  private static void warn(Path folder, String setting) {
    CacheFolders.warning(folder, setting).ifPresent(Notices::add);
  }

  private static Optional<String> setting(String name) {
    return Optional.ofNullable(System.getenv(name))
        .filter(value -> !value.isEmpty())
        .or(() -> Optional.ofNullable(System.getProperty(name)))
        .filter(value -> !value.isEmpty());
  }

  private static Path path(String setting, String value) throws IOException {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new IOException(setting + " is no folder's name here: " + value, e);
    }
  }

  private static String version() throws IOException {
    try (InputStream stream =
        TokenizersLibrary.class.getResourceAsStream(RESOURCES + "tokenizers.properties")) {
      Properties properties = new Properties();
      if (stream != null) {
        properties.load(stream);
      }
      return properties.getProperty("version", "unknown");
    }
  }

  private static ImmutableList<String> files() {
    String name = System.mapLibraryName("tokenizers");
    return isWindows()
        ? ImmutableList.<String>builder().addAll(WINDOWS_RUNTIME).add(name).build()
        : ImmutableList.of(name);
  }

  /** As DJL names it. */
  private static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch", "");
    return (isWindows() ? "win" : system.startsWith("mac") ? "osx" : system)
        + "-"
        + (processor.equals("amd64") ? "x86_64" : processor);
  }

  private static boolean isWindows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }
}
