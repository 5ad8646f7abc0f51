package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {

  @Test
  void namesAFullFileSystem(@TempDir Path folder) {
    Throwable failure =
        new UnsatisfiedLinkError("jnitorch").initCause(new IOException("No space left on device"));
    String said = DiskSpace.shortage(folder, failure).orElseThrow();
    assertTrue(said.startsWith("the file system of " + folder + " is full ("), said);
    IOException quota = new FileSystemException("a", null, "Disk quota exceeded");
    String message = TemporaryFolders.failure(folder, quota).toString();
    assertTrue(message.contains("is full"), message);
  }

  @Test
  void leavesOtherFailuresAlone(@TempDir Path folder) {
    IOException failure = new IOException("Permission denied");
    assertEquals(Optional.empty(), DiskSpace.shortage(folder, failure));
    String message = TemporaryFolders.failure(folder, failure).toString();
    assertTrue(message.contains("Permission denied"), message);
  }

  @Test
  void tellsWhereThereIsTooLittleRoom(@TempDir Path folder) {
    assertEquals(Optional.empty(), DiskSpace.scarcity(folder, 0));
    String said = DiskSpace.scarcity(folder, Long.MAX_VALUE).orElseThrow();
    assertTrue(said.startsWith("the file system of " + folder + " is nearly full ("), said);
  }
}
