package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointLocatorTest {
  private static final String COMMIT = "8a3c1f0e5b7d9a2c4e6f8091b3d5f7092a4c6e81";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path home;

  @Test
  void findsTheFolderThatMainPointsTo() throws IOException {
    Path hub = home.resolve(".cache/huggingface/hub");
    Path snapshot = repository(hub, "GSAI-ML", "LLaDA-8B-Instruct");
    assertEquals(
        snapshot, CheckpointLocator.of(Map.of(), home).locate("GSAI-ML/LLaDA-8B-Instruct"));
    assertEquals(
        snapshot,
        CheckpointLocator.of(Map.of(), home).locate("GSAI-ML/LLaDA-8B-Instruct@" + COMMIT));
  }

  @Test
  void opensThroughTheCachesSymbolicLinks() throws IOException {
    Path hub = home.resolve("hub");
    Path snapshot = repository(hub, "owner", "tiny");
    Path blobs = Files.createDirectories(hub.resolve("models--owner--tiny/blobs"));
    Files.delete(snapshot.resolve("config.json"));
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(Goldens.checkpoint("tiny-dream").resolve(name), blobs.resolve(name + "-blob"));
      Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs", name + "-blob"));
    }
    Path found =
        CheckpointLocator.of(Map.of("HF_HOME", home.toString()), home).locate("owner/tiny");
    try (Checkpoint checkpoint = Checkpoint.open(found)) {
      checkpoint.verify();
    }
  }

  @Test
  void revisionsMayHaveSlashes() throws IOException {
    Path hub = home.resolve("hub");
    Path snapshot = repository(hub, "owner", "name");
    Path reference = hub.resolve("models--owner--name/refs/refs/pr/1");
    Files.createDirectories(reference.resolveSibling("."));
    Files.writeString(reference, COMMIT);
    assertEquals(
        snapshot,
        CheckpointLocator.of(Map.of("HF_HUB_CACHE", hub.toString()), home)
            .locate("owner/name@refs/pr/1"));
  }

  @Test
  void environmentVariablesHaveTheirOrder() {
    assertEquals(
        Path.of("/a"),
        CheckpointLocator.of(Map.of("HF_HUB_CACHE", "/a", "HF_HOME", "/b"), home).cache());
    assertEquals(
        Path.of("/b/hub"),
        CheckpointLocator.of(Map.of("HF_HOME", "/b", "HF_HUB_CACHE", ""), home).cache());
    assertEquals(
        home.resolve("b/hub"), CheckpointLocator.of(Map.of("HF_HOME", "~/b"), home).cache());
    assertEquals(
        Path.of("/x/huggingface/hub"),
        CheckpointLocator.of(Map.of("XDG_CACHE_HOME", "/x"), home).cache());
  }

  @Test
  void repositoryInTheCacheThatIsNoCheckpointIsDescribed() throws IOException {
    Path hub = home.resolve("hub");
    Path snapshot = repository(hub, "owner", "adapter");
    Files.delete(snapshot.resolve("config.json"));
    Files.writeString(
        snapshot.resolve("adapter_config.json"), "{\"base_model_name_or_path\":\"owner/base\"}");
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HUB_CACHE", hub.toString()), home);
    String message = Refusal.of(() -> locator.locate("owner/adapter"));
    assertTrue(message.contains("adapter of the model \"owner/base\""), message);
    assertTrue(message.endsWith("hf download owner/adapter"), message);
  }

  @Test
  void homeVariableDecidesWhereTheHomeFolderIs() {
    assertEquals(
        Path.of("/h/.cache/huggingface/hub"),
        CheckpointLocator.of(Map.of("HOME", "/h"), home).cache());
    assertEquals(
        Path.of("/h/b/hub"),
        CheckpointLocator.of(Map.of("HOME", "/h", "HF_HOME", "~/b"), home).cache());
    assertEquals(
        home.resolve(".cache/huggingface/hub"),
        CheckpointLocator.of(Map.of("HOME", ""), home).cache());
    assertEquals(
        Path.of("/h"),
        CheckpointLocator.of(Map.of("HOME", "/h", "HF_HUB_CACHE", "~"), home).cache());
  }

  @Test
  void variablesInAFoldersNameAreReplaced() {
    assertEquals(
        Path.of("/scratch/ann/hub"),
        CheckpointLocator.of(
                Map.of("HF_HOME", "$SCRATCH/${USER}", "SCRATCH", "/scratch", "USER", "ann"), home)
            .cache());
    assertEquals(
        Path.of("/$NONE/hub"), CheckpointLocator.of(Map.of("HF_HOME", "/$NONE"), home).cache());
  }

  @Test
  void namesThatNoFolderCanHaveAreExplained() {
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HOME", "/a\0b"), home);
    String message = Refusal.of(() -> locator.locate("owner/name"));
    assertTrue(message.contains("HF_HOME") && message.contains("no file can have"), message);
    message = Refusal.of(() -> locator.locate("a\0b"));
    assertTrue(message.contains("no file can have this name"), message);
  }

  @Test
  void repositorysFolderInTheCacheIsItsSnapshot() throws IOException {
    Path hub = home.resolve("hub");
    Path snapshot = repository(hub, "owner", "name");
    Path folder = hub.resolve("models--owner--name");
    Files.copy(
        Goldens.checkpoint("tiny-dream").resolve("config.json"),
        snapshot.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        Goldens.checkpoint("tiny-dream").resolve("model.safetensors"),
        snapshot.resolve("model.safetensors"));
    CheckpointLocator locator = CheckpointLocator.of(Map.of(), home);
    assertEquals(snapshot, locator.locate(folder.toString()));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertEquals(snapshot, checkpoint.folder());
    }
    assertEquals(snapshot, CheckpointSummary.of(folder).folder());
    Files.delete(folder.resolve("refs/main"));
    assertEquals(snapshot, locator.locate(folder.toString()));
    Files.delete(snapshot.resolve("config.json"));
    assertTrue(
        Refusal.of(() -> locator.locate(folder.toString())).contains("no finished snapshot"));
  }

  @Test
  void absentRepositoryNamesTheCommandThatDownloadsIt() {
    CheckpointLocator locator = CheckpointLocator.of(Map.of(), home);
    String message = Refusal.of(() -> locator.locate("Dream-org/Dream-v0-Instruct-7B"));
    assertTrue(message.endsWith("hf download Dream-org/Dream-v0-Instruct-7B"), message);
    assertTrue(
        Refusal.of(() -> locator.locate("a/b@dev")).endsWith("hf download a/b --revision dev"));
  }

  @Test
  void interruptedDownloadIsAsGoodAsNone() throws IOException {
    Path hub = home.resolve("hub");
    Files.delete(repository(hub, "owner", "name").resolve("config.json"));
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HUB_CACHE", hub.toString()), home);
    assertTrue(Refusal.of(() -> locator.locate("owner/name")).contains("hf download owner/name"));
  }

  @Test
  void aLocalFolderWins() {
    assertEquals(home, CheckpointLocator.of(Map.of(), home).locate(home.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "name",
        "/no/such/folder",
        "a/b/c",
        "../x",
        "a/..",
        "a/b@../../../etc",
        "a/b@",
        "a\\b",
        "a/b\u0000"
      })
  void whatIsNeitherFolderNorRepositoryIsRefused(String text) {
    Refusal.of(() -> CheckpointLocator.of(Map.of(), home).locate(text));
  }

  @Test
  void aReferenceCannotLeadOutOfTheCache() throws IOException {
    Path hub = home.resolve("hub");
    repository(hub, "owner", "name");
    Path outside = Files.createDirectories(home.resolve("outside"));
    Files.writeString(outside.resolve("config.json"), "{}");
    Files.writeString(hub.resolve("models--owner--name/refs/main"), "../../../outside");
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HUB_CACHE", hub.toString()), home);
    assertTrue(Refusal.of(() -> locator.locate("owner/name")).contains("hf download"));
  }

  private static Path repository(Path hub, String owner, String name) throws IOException {
    Path models = hub.resolve("models--" + owner + "--" + name);
    Path snapshot = Files.createDirectories(models.resolve("snapshots").resolve(COMMIT));
    Files.writeString(snapshot.resolve("config.json"), "{}");
    Files.createDirectories(models.resolve("refs"));
    Files.writeString(models.resolve("refs/main"), COMMIT);
    return snapshot;
  }
}
