package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Each case in a JVM of its own, for the settings are made once per process. */
class JavaCppTest {

  private static final String FOLDER = "org.bytedeco.javacpp.cachedir";
  private static final String BYTES = "org.bytedeco.javacpp.maxBytes";
  private static final String PHYSICAL_BYTES = "org.bytedeco.javacpp.maxPhysicalBytes";

  @TempDir private Path home = Path.of("");

  /** Stands in for JavaCPP: it unpacks to the property's folder, or to the argument's. */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) {
      try {
        JavaCpp.prepare(
            () -> new File(arguments.length > 0 ? arguments[0] : System.getProperty(FOLDER, "")));
        System.out.println(Notices.take());
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
      for (String name : List.of(FOLDER, BYTES, PHYSICAL_BYTES)) {
        System.out.println(System.getProperty(name));
      }
      System.out.println(JavaCpp.isLimitedByUser());
    }
  }

  private List<String> report(List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Report.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("HOME", home.toString());
    builder.environment().remove("XDG_CACHE_HOME");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }

  private Path standard() {
    return home.resolve(".cache").resolve("sparsed").resolve("javacpp");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void unpacksToTheUsersFolderAndLiftsTheLimits() throws Exception {
    assertEquals(List.of("[]", standard().toString(), "0", "0", "false"), report(List.of()));
  }

  @Test
  void leavesWhatTheProgramHasSet() throws Exception {
    Path folder = Files.createDirectory(home.resolve("own"));
    assertEquals(
        List.of("[]", folder.toString(), "5g", "0", "true"),
        report(List.of("-D" + FOLDER + "=" + folder, "-D" + BYTES + "=5g")));
    assertEquals(
        "null",
        report(List.of("-D" + PHYSICAL_BYTES.replace("PhysicalB", "physicalb") + "=7g")).get(3));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void warnsOfAFolderOfTheProgramThatOthersCanWriteTo() throws Exception {
    Path folder = Files.createDirectory(home.resolve("own"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    String notice = report(List.of("-D" + FOLDER + "=" + folder)).get(0);
    assertTrue(notice.contains(folder + " can be written by other users"), notice);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void refusesAnUnsafeFolderThatJavaCppHasChosenBefore() throws Exception {
    Path folder = Files.createDirectory(home.resolve("early"));
    assertEquals("[]", report(List.of(), folder.toString()).get(0));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    String refusal = report(List.of(), folder.toString()).get(0);
    assertTrue(refusal.contains("another user can plant them: " + folder), refusal);
  }
}
