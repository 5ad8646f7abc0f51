package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.internal.Notices;
import dev.sparsed.testing.SecondUser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where the kernels' library is unpacked, for a user whose neighbour has been there before. */
@EnabledOnOs(OS.LINUX)
class UnpackingTest {

  @TempDir private Path folder = Path.of("");

  /** Prints whether there are kernels, where they were unpacked, and what the user should know. */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) throws Exception {
      System.out.println(CpuKernels.unavailableReason().orElse("available"));
      System.out.println(Loader.getCacheDir());
      System.out.println(Notices.take());
    }
  }

  /** JavaCPP has chosen a folder before the kernels come. */
  static final class LateReport {
    private LateReport() {}

    public static void main(String[] arguments) throws Exception {
      System.out.println(Loader.getCacheDir());
      System.out.println(CpuKernels.unavailableReason().orElse("available"));
    }
  }

  @BeforeEach
  void needKernels() {
    Kernels.assumeAvailable();
  }

  private SecondUser user() throws Exception {
    SecondUser user = SecondUser.in(folder);
    user.plant(
        ".javacpp-" + SecondUser.name() + "/cache/planted",
        "planted".getBytes(StandardCharsets.UTF_8));
    return user;
  }

  @Test
  void passesOverAFolderThatAnotherUserHasMade() throws Exception {
    SecondUser user = user();
    List<String> lines = user.run(Report.class, Map.of("HOME", "/nonexistent")).lines().toList();
    assertEquals("available", lines.get(0), lines::toString);
    assertTrue(lines.get(1).startsWith(user.temporary() + "/sparsed-"), lines::toString);
    assertTrue(lines.get(2).contains("unpacked anew in each process"), lines::toString);
  }

  @Test
  void refusesAFolderOfAnotherUserThatJavaCppHasTakenBefore() throws Exception {
    List<String> lines =
        user().run(LateReport.class, Map.of("HOME", "/nonexistent")).lines().toList();
    assertTrue(lines.get(0).endsWith("/.javacpp-" + SecondUser.name() + "/cache"), lines::toString);
    assertTrue(lines.get(1).contains("another user can plant them"), lines::toString);
  }
}
