package dev.sparsed.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A user without a home folder, who shares a temporary folder with a stranger that has been there
 * before. Needs root, who alone can start JVMs of other users.
 */
public final class SecondUser {

  private static final int USER = 54321;
  private static final int STRANGER = 54322;
  private static final Path SWITCH = Path.of("/usr/bin/setpriv");

  private final Path folder;
  private final String classPath;

  private SecondUser(Path folder, String classPath) {
    this.folder = folder;
    this.classPath = classPath;
  }

  /**
   * Prepares the user; skips the test where that is not possible.
   *
   * @param folder an empty folder
   */
  public static SecondUser in(Path folder) throws IOException {
    Path self = Path.of("/proc/self");
    boolean root = Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0);
    assumeTrue(root, "only root can run a JVM of another user");
    assumeTrue(Files.exists(SWITCH), SWITCH + " is not on this machine");
    open(folder);
    Files.setAttribute(Files.createDirectory(folder.resolve("tmp")), "unix:mode", 01777);
    return new SecondUser(folder, copyClassPath(folder));
  }

  /** The temporary folder of both. */
  public Path temporary() {
    return folder.resolve("tmp");
  }

  /** The name under which programs know a user who is not in the password file. */
  public static String name() {
    return "?";
  }

  /** Lets the stranger write a file into the temporary folder, readable by all. */
  public void plant(String file, byte[] content) throws IOException {
    Path target = temporary().resolve(file);
    Files.createDirectories(target.resolveSibling(""));
    Files.write(target, content);
    for (Path at = target; !at.equals(temporary()); at = at.resolveSibling("").normalize()) {
      Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxrwx"));
      Files.setAttribute(at, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /**
   * Runs a program as the user.
   *
   * @return what it writes, with what it says on standard error
   */
  public String run(Class<?> program, Map<String, String> environment) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            SWITCH.toString(),
            "--reuid=" + USER,
            "--regid=" + USER,
            "--clear-groups",
            "--inh-caps=-all"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Duser.home=/nonexistent", "-Djava.io.tmpdir=" + temporary()));
    command.addAll(List.of("-cp", classPath, program.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.directory(temporary().toFile());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
    return output.strip();
  }

  /** A copy that others can read, as the checkout and Maven's repository may lie in root's home. */
  private static String copyClassPath(Path folder) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry :
        Splitter.on(File.pathSeparatorChar).split(System.getProperty("java.class.path", ""))) {
      Path source = Path.of(entry);
      if (Files.exists(source)) {
        Path target = folder.resolve("classpath" + copies.size()).resolve(source.getFileName());
        Files.createDirectories(target.resolveSibling(""));
        open(target.resolveSibling(""));
        copy(source, target);
        copies.add(target.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            return visitFile(folder, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copy = target.resolve(source.relativize(file).toString()).normalize();
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            open(copy);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
