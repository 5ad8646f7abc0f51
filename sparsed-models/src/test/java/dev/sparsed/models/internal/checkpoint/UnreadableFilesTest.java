package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not there, not readable, or not what their name says: the message says which. */
class UnreadableFilesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path scratch;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "model.safetensors.index.json"
      })
  void folderBrokenLinkAndLoopInTheFilesPlaceAreNamed(String name) throws IOException {
    TinyFolder folder = folder();
    Files.deleteIfExists(folder.file(name));
    if (name.endsWith(".index.json")) {
      Files.delete(folder.file("model.safetensors"));
    }
    Path file = folder.file(name);
    Files.createDirectory(file);
    assertRefused(folder, file + " cannot be read: it is a folder");
    Files.delete(file);
    Files.createSymbolicLink(file, scratch.resolve("gone"));
    assertRefused(folder, file + " cannot be read: it is a link to \"" + scratch);
    Files.delete(file);
    Files.createSymbolicLink(file, file);
    String message = refusal(folder);
    assertTrue(message.contains("symbolic links") || message.contains("lead back"), message);
  }

  @Test
  void shardsThatCannotBeReadAreNamedWithTheirReasons() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-llada", scratch.resolve("sharded"));
    Files.delete(folder.file("model-00001-of-00003.safetensors"));
    Path second = folder.file("model-00002-of-00003.safetensors");
    Files.delete(second);
    Files.createSymbolicLink(second, scratch.resolve("blobs").resolve("gone"));
    String message = refusal(folder);
    assertTrue(message.contains("model-00001-of-00003.safetensors\" (it is not there)"), message);
    assertTrue(message.contains("model-00002-of-00003.safetensors\" (it is a link"), message);
  }

  @Test
  void missingPermissionIsNamed() throws IOException {
    TinyFolder folder = folder();
    Path weights = folder.file("model.safetensors");
    Files.setPosixFilePermissions(weights, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(weights), "this user may read everything");
    assertRefused(folder, "permission denied");
  }

  @Test
  void reasonsNeverRepeatThePath() {
    Path file = Path.of("/x/y");
    List<IOException> failures =
        List.of(
            new AccessDeniedException("/x/y"),
            new FileSystemLoopException("/x/y"),
            new FileSystemException("/x/y", null, "Input/output error"),
            new FileSystemException("/x/y"),
            new IOException("/x/y"),
            new IOException());
    for (IOException failure : failures) {
      String reason = FileFailure.reason(file, failure);
      assertFalse(reason.contains("/x/y") || reason.isBlank(), reason);
    }
    assertTrue(FileFailure.reason(file, failures.get(0)).contains("permission denied"));
    assertTrue(FileFailure.reason(file, failures.get(2)).contains("Input/output error"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          version https://git-lfs.github.com/spec/v1; Git LFS pointer
          <!DOCTYPE html><html><body>Sign in;         web page
          GGUF0123456789;                             GGUF
          """)
  void impostorsAreNamed(String content, String kind) throws IOException {
    for (String name : List.of("model.safetensors", "config.json")) {
      TinyFolder folder = folder().write(name, content + "\n0123456789");
      String message = refusal(folder);
      assertTrue(message.contains(folder.file(name).toString()), message);
      assertTrue(message.contains(kind), message);
    }
  }

  @Test
  void fileOfZerosIsAnInterruptedDownload() throws IOException {
    TinyFolder folder = folder();
    Files.write(folder.file("model.safetensors"), new byte[100]);
    assertRefused(folder, "begins with zeros");
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin, safe_serialization",
    "model-00001-of-00002.bin, safe_serialization",
    "consolidated.00.pth, safe_serialization",
    "llada-q4.gguf, a format that is not read",
    "model-00001-of-00002.safetensors, run the download again"
  })
  void folderWithWeightsOfAnotherFormatIsNamed(String name, String advice) throws IOException {
    TinyFolder folder = folder();
    Files.move(folder.file("model.safetensors"), folder.file(name));
    String message = refusal(folder);
    assertTrue(message.contains(name) && message.contains(advice), message);
    Files.delete(folder.file("config.json"));
    String without = refusal(folder);
    assertTrue(without.contains("holds no config.json") && without.contains(name), without);
  }

  @Test
  void foldersOfCheckpointsAreNamed() throws IOException {
    TinyFolder.of("tiny-dream", scratch.resolve("run").resolve("checkpoint-10"));
    Files.createFile(scratch.resolve("run").resolve("training_args.bin"));
    String message = Refusal.of(() -> Checkpoint.open(scratch.resolve("run")).close());
    assertTrue(message.contains("in its folders \"checkpoint-10\"; name one of them"), message);
  }

  @Test
  void longListingsAreCutOff() throws IOException {
    Path folder = Files.createDirectory(scratch.resolve("many"));
    for (int i = 0; i < 500; i++) {
      Files.createFile(folder.resolve("a-file-that-means-nothing-" + i));
    }
    String message = Refusal.of(() -> Checkpoint.open(folder).close());
    assertTrue(message.contains("and 480 more") && message.length() < 2000, message);
  }

  @Test
  void fileInTheFoldersPlaceIsNamed() throws IOException {
    Path file = folder().file("config.json");
    String message = Refusal.of(() -> Checkpoint.open(file).close());
    assertTrue(message.contains("is a file; name the checkpoint's folder"), message);
    assertEquals(
        message, Refusal.of(() -> CheckpointLocator.ofEnvironment().locate(file.toString())));
    Path gone = scratch.resolve("gone");
    assertTrue(Refusal.of(() -> Checkpoint.open(gone).close()).contains("it is not there"));
  }

  private TinyFolder folder() throws IOException {
    return TinyFolder.of("tiny-dream", scratch.resolve("model" + System.nanoTime()));
  }

  private static void assertRefused(TinyFolder folder, String fault) {
    String message = refusal(folder);
    assertTrue(message.contains(fault), message);
  }

  private static String refusal(TinyFolder folder) {
    String message = folder.refusal();
    List<String> refusals = CheckpointSummary.of(folder.path()).refusals();
    assertTrue(refusals.contains(message), refusals.toString());
    return message;
  }
}
