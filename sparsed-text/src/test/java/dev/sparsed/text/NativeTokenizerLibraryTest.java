package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.sparsed.testing.SecondUser;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where the native tokenizers are unpacked and loaded from, each case in a JVM of its own. */
@EnabledOnOs(OS.LINUX)
class NativeTokenizerLibraryTest {

  /** Where DJL's own loader looks where the home folder cannot be written. */
  private static final String FORESEEN =
      ".djl.ai/tokenizers/" + version() + "-cpu-linux-x86_64/libtokenizers.so";

  @TempDir private Path folder = Path.of("");

  /** Prints which library it has loaded. */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) throws IOException {
      try {
        NativeTokenizerLibrary.load();
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
          System.out.println(
              maps.filter(line -> line.endsWith("/libtokenizers.so"))
                  .map(line -> line.substring(line.indexOf('/')))
                  .distinct()
                  .collect(Collectors.joining(" ")));
        }
      } catch (TokenizerException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static String version() {
    try (InputStream stream =
        TokenizersLibrary.class.getResourceAsStream("/native/lib/tokenizers.properties")) {
      Properties properties = new Properties();
      properties.load(Objects.requireNonNull(stream));
      return properties.getProperty("version", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The report of this user, without a logging library on the class path. */
  private String report(Map<String, String> environment) throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
            .filter(entry -> !entry.contains("slf4j-simple"))
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Report.class.getName())
            .redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("XDG_CACHE_HOME", "DJL_CACHE_DIR"));
    builder.environment().put("HOME", folder.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output
        .lines()
        .filter(line -> !line.startsWith("WARNING: ")) // Of newer JVMs.
        .collect(Collectors.joining("\n"));
  }

  @Test
  void unpacksToTheUsersOwnFolderAndSaysNothing() throws Exception {
    Path library = Path.of(report(Map.of()));
    assertTrue(library.startsWith(folder.toRealPath().resolve(".cache/sparsed/tokenizers")));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve(".cache/sparsed"))));
    assertEquals(library, Path.of(report(Map.of())));
  }

  @Test
  void heedsDjlsSettings() throws Exception {
    Path cache = folder.resolve("djl");
    Path library = Path.of(report(Map.of("DJL_CACHE_DIR", cache.toString())));
    assertEquals(cache.toRealPath().resolve(FORESEEN.substring(".djl.ai/".length())), library);
  }

  @Test
  void saysWhereItCannotBeUnpacked() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    String message = report(Map.of("ENGINE_CACHE_DIR", file.toString()));
    assertTrue(message.contains("cannot unpack to " + file + "/tokenizers"), message);
  }

  @Test
  void doesNotLoadWhatAnotherUserHasPlanted() throws Exception {
    SecondUser user = SecondUser.in(folder);
    user.plant(FORESEEN, "planted".getBytes(StandardCharsets.UTF_8));
    List<String> lines = user.run(Report.class, Map.of("HOME", "/nonexistent")).lines().toList();
    Path library = Path.of(lines.get(lines.size() - 1));
    assertTrue(library.toString().startsWith(user.temporary() + "/sparsed-"), lines::toString);
    assertFalse(Files.exists(library), "left behind");
  }

  @Test
  void doesNotLoadWhatAnotherUserHasPlantedInTheUsersHome() throws Exception {
    SecondUser user = SecondUser.in(folder);
    user.plant(
        FORESEEN.replace(".djl.ai", "home/.cache/sparsed"),
        "planted".getBytes(StandardCharsets.UTF_8));
    String output =
        user.run(Report.class, Map.of("HOME", user.temporary().resolve("home").toString()));
    assertTrue(output.contains(user.temporary() + "/sparsed-"), output);
    assertTrue(output.contains("belongs to 54322"), output);
  }
}
