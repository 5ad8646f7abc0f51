package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

  private final Path folder;

  WholeFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void writesAndReplaces() throws IOException {
    Path file = folder.resolve("a");
    WholeFile.write(file, "Grüße, the longer one\n");
    WholeFile.write(file, "Grüße\n");
    assertEquals("Grüße\n", Files.readString(file));
    assertEquals(1, files());
  }

  @Test
  void keepsTheOldContentWhereTheNewOneFails() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    FileSystemException failure =
        assertThrows(
            FileSystemException.class,
            () ->
                WholeFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + ": No space left on device", failure.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(1, files());
    assertThrows(
        IllegalStateException.class,
        () ->
            WholeFile.write(
                folder.resolve("b"),
                out -> {
                  throw new IllegalStateException();
                }));
    assertEquals(1, files());
  }

  @Test
  void keepsLinksAndPermissions() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a"));
    WholeFile.write(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("b"));
    WholeFile.write(dangling, "new");
    assertTrue(Files.isSymbolicLink(dangling) && Files.isRegularFile(folder.resolve("b")));
    Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
    assertThrows(FileSystemLoopException.class, () -> WholeFile.write(loop, "new"));
  }

  @Test
  void takesNamesAsLongAsTheyCanBe() throws IOException {
    Path file = folder.resolve("n".repeat(255));
    WholeFile.write(file, "a");
    assertEquals("a", Files.readString(file));
  }

  @Test
  void writesDevicesStraightAndNamesThemWhenTheyAreFull() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "there is no /dev/full");
    FileSystemException failure =
        assertThrows(FileSystemException.class, () -> WholeFile.write(full, "a"));
    assertTrue(String.valueOf(failure.getMessage()).startsWith("/dev/full: "));
    assertFalse(Files.isRegularFile(full));
    WholeFile.write(Path.of("/dev/null"), out -> out.write("a".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void namesAMissingFolder() {
    Path file = folder.resolve("none").resolve("a");
    NoSuchFileException failure =
        assertThrows(NoSuchFileException.class, () -> WholeFile.write(file, "a"));
    assertEquals(file.toString(), failure.getFile());
  }
}
