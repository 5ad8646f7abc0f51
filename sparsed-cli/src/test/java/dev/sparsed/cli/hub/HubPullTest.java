package dev.sparsed.cli.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.internal.checkpoint.CheckpointLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubPullTest {

  private static final String WEIGHTS = "model.safetensors";
  private static final int SIZE = 700_000;

  @TempDir private Path home = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private FakeHub hub;

  @BeforeEach
  void start() throws IOException {
    hub =
        new FakeHub()
            .weights(WEIGHTS, SIZE)
            .file("config.json", "{\"model_type\": \"x\"}")
            .file("tokenizer.json", "{}")
            .file("merges.txt", "a b")
            .file("README.md", "# no")
            .file("pytorch_model.bin", "no")
            .file("onnx/model.json", "no");
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private static String message(Exception failure) {
    return String.valueOf(failure.getMessage());
  }

  private Path cache() {
    return home.resolve("hub");
  }

  private Path pull(String name, String... token) throws IOException, InterruptedException {
    HubRepository repository = HubRepository.of(hub.settings(token), HubName.parse(name));
    Files.createDirectories(cache());
    return new HubPull(repository, repository.checkpoint(), cache()).run(HubPull.Progress.NONE);
  }

  private Path pull() throws IOException, InterruptedException {
    return pull(FakeHub.REPOSITORY);
  }

  private List<Path> incomplete() throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      return all.filter(path -> path.toString().endsWith(".incomplete")).toList();
    }
  }

  private long storageRequests() {
    return hub.requests.stream().filter(request -> request.startsWith("GET /storage")).count();
  }

  @Test
  void whatIsNeededIsFetchedAndFoundByItsName() throws Exception {
    Path folder = pull();
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HOME", home.toString()), home);
    assertEquals(folder, locator.locate(FakeHub.REPOSITORY));
    try (Stream<Path> there = Files.list(folder)) {
      assertEquals(
          List.of("config.json", "merges.txt", WEIGHTS, "tokenizer.json"),
          there.map(path -> path.getFileName().toString()).sorted().toList());
    }
    assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertTrue(Files.isSymbolicLink(folder.resolve(WEIGHTS)));
    assertFalse(Files.readSymbolicLink(folder.resolve(WEIGHTS)).isAbsolute());
    assertEquals(
        FakeHub.COMMIT, Files.readString(cache().resolve("models--owner--name/refs/main")));
    assertEquals(List.of(), incomplete());
  }

  @Test
  void whatIsThereIsNotFetchedAgain() throws Exception {
    pull();
    hub.requests.clear();
    pull();
    assertTrue(hub.requests.stream().noneMatch(request -> request.contains("GET /owner")));
    assertEquals(0, storageRequests());
  }

  @Test
  void aFileThatIsCutOffIsGoneOnWith() throws Exception {
    hub.cuts = 3;
    Path folder = pull();
    assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertEquals(4, storageRequests());
    assertTrue(
        hub.requests.stream().anyMatch(request -> request.matches(".*storage.* bytes=\\d+-")),
        hub.requests.toString());
  }

  @Test
  void anotherCallGoesOnWhereOneGaveUp() throws Exception {
    hub.cuts = 4;
    IOException failure = assertThrows(IOException.class, this::pull);
    assertTrue(message(failure).contains(WEIGHTS), message(failure));
    long there = Files.size(incomplete().get(0));
    assertTrue(there > SIZE / 2, there + " bytes");
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HOME", home.toString()), home);
    assertThrows(RuntimeException.class, () -> locator.locate(FakeHub.REPOSITORY));
    hub.requests.clear();
    Path folder = pull();
    assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertTrue(hub.requests.stream().anyMatch(request -> request.endsWith("bytes=" + there + "-")));
  }

  @Test
  void aServerWithoutRangesGivesTheWholeAgain() throws Exception {
    hub.cuts = 2;
    hub.ignoresRanges = true;
    Path folder = pull();
    assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
  }

  @Test
  void aDamagedFileIsFetchedOnceMore() throws Exception {
    hub.damages = 1;
    Path folder = pull();
    assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertEquals(2, storageRequests());
  }

  @Test
  void whatIsNotWhatTheHubSaysIsRefused() {
    hub.damages = 9;
    HubException failure = assertThrows(HubException.class, this::pull);
    assertTrue(message(failure).contains("checksum"), message(failure));
    assertTrue(message(failure).contains(WEIGHTS), message(failure));
    assertFalse(Files.exists(cache().resolve("models--owner--name/refs/main")));
  }

  @Test
  void anOverloadedHubIsAskedAgain() throws Exception {
    hub.overloads = 3;
    pull();
    hub.overloads = 100;
    IOException failure = assertThrows(IOException.class, () -> pull("owner/name@other"));
    assertTrue(message(failure).contains("503"), message(failure));
  }

  @Test
  void aHubThatFallsSilentIsAskedAgain() throws Exception {
    hub.silences = 2;
    HubSettings impatient =
        new HubSettings(
            hub.endpoint(), Optional.empty(), 4, Duration.ofMillis(1), Duration.ofMillis(300));
    HubRepository repository = HubRepository.of(impatient, HubName.parse(FakeHub.REPOSITORY));
    assertEquals(FakeHub.COMMIT, repository.commit());
    assertEquals(3, hub.requests.size());
  }

  @Test
  void theTokenGoesToTheHubAlone() throws Exception {
    pull(FakeHub.REPOSITORY, "hf_secret");
    for (String request : hub.requests) {
      boolean storage = request.contains("/storage/");
      assertEquals(!storage, request.endsWith("Bearer hf_secret"), request);
    }
    assertTrue(storageRequests() > 0);
    assertFalse(hub.settings("hf_secret").toString().contains("secret"));
  }

  @ParameterizedTest
  @CsvSource({
    "401, RepoNotFound, set HF_TOKEN",
    "401, GatedRepo, ask for access",
    "403, GatedRepo, is gated",
    "404, RevisionNotFound, has no revision",
    "404, RepoNotFound, is not there",
    "418, None, status 418"
  })
  void refusalsAreExplained(int status, String code, String message) {
    hub.refusal = Optional.of(Map.entry(status, code));
    HubException failure = assertThrows(HubException.class, this::pull);
    assertTrue(message(failure).contains(message), message(failure));
    assertTrue(message(failure).contains("the hub says: "), message(failure));
    assertEquals(1, hub.requests.size(), "another try would not help");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil.json",
        "a/../../evil.json",
        "..\\\\evil.json",
        "C:evil.json",
        "evil\\u0000.json",
        "additional_chat_templates/../../evil.json",
        "ev:il.json",
        ".json"
      })
  void namesThatLeaveTheFolderAreRefused(String path) throws IOException {
    hub.file(path.replace("\\\\", "\\"), "{}");
    assertThrows(IOException.class, this::pull);
    try (Stream<Path> all = Files.walk(home)) {
      assertTrue(all.noneMatch(found -> found.toString().contains("il.json")));
    }
  }

  @Test
  void anIndexThatNamesOtherFilesIsRefused() {
    hub.file(
        "model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../../evil.safetensors\"}}");
    HubException failure = assertThrows(HubException.class, this::pull);
    assertTrue(message(failure).contains("evil"), message(failure));
  }

  @Test
  void onlyTheWeightsOfTheIndexAreFetched() throws Exception {
    hub.weights("model-00001-of-00002.safetensors", 5000)
        .weights("model-00002-of-00002.safetensors", 10);
    hub.file(
        "model.safetensors.index.json",
        "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\","
            + " \"b\": \"model-00002-of-00002.safetensors\", \"c\":"
            + " \"model-00001-of-00002.safetensors\"}}");
    HubRepository repository = HubRepository.of(hub.settings(), HubName.parse(FakeHub.REPOSITORY));
    ImmutableList<HubFile> files = repository.checkpoint();
    assertEquals("config.json", files.get(files.size() - 1).path(), "it says that all is there");
    assertTrue(files.stream().noneMatch(file -> file.path().equals(WEIGHTS)));
    assertEquals(2, files.stream().filter(f -> f.path().endsWith(".safetensors")).count());
  }

  @Test
  void aRepositoryWithoutACheckpointIsToldApart() {
    hub.files.remove(WEIGHTS);
    HubException weights = assertThrows(HubException.class, this::pull);
    assertTrue(message(weights).contains("safetensors"), message(weights));
    hub.files.remove("config.json");
    HubException config = assertThrows(HubException.class, this::pull);
    assertTrue(message(config).contains("config.json"), message(config));
  }

  @Test
  void unsafeRedirectionsAreNotFollowed() {
    hub.storage = "file:///etc/";
    HubException failure = assertThrows(HubException.class, this::pull);
    assertTrue(message(failure).contains("not safe"), message(failure));
    hub.storage = hub.endpoint() + "/" + FakeHub.REPOSITORY + "/resolve/" + FakeHub.COMMIT + "/";
    HubException circle = assertThrows(HubException.class, this::pull);
    assertTrue(message(circle).contains("too often"), message(circle));
  }

  @Test
  void roomIsAskedForBeforeAnythingIsFetched() throws Exception {
    HubRepository repository = HubRepository.of(hub.settings(), HubName.parse(FakeHub.REPOSITORY));
    HubFile huge = new HubFile(WEIGHTS, "0".repeat(64), Long.MAX_VALUE / 4);
    Files.createDirectories(cache());
    HubPull pull = new HubPull(repository, ImmutableList.of(huge), cache());
    HubException failure = assertThrows(HubException.class, () -> pull.run(HubPull.Progress.NONE));
    assertTrue(message(failure).contains("are free"), message(failure));
    assertEquals(0, storageRequests());
  }

  @Test
  void branchesMayHaveSlashesAndBecomeReferences() throws Exception {
    pull("owner/name@refs/pr/1");
    assertTrue(hub.requests.get(0).endsWith("/revision/refs%2Fpr%2F1"), hub.requests.get(0));
    CheckpointLocator locator = CheckpointLocator.of(Map.of("HF_HOME", home.toString()), home);
    assertTrue(Files.exists(locator.locate("owner/name@refs/pr/1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "a/b/c",
        "../a",
        "a/..b",
        "a/b@",
        "a b/c",
        "-a/b",
        "a/b@..",
        "a/b@/etc/x",
        ""
      })
  void whatIsNoRepositoryIsRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> HubName.parse(name));
  }

  @Test
  void settingsAreThoseOfTheEnvironment() throws Exception {
    Files.writeString(home.resolve("token"), "hf_file\n");
    HubSettings file = HubSettings.of(Map.of(), cache());
    assertEquals(Optional.of("hf_file"), file.token());
    assertEquals("https://huggingface.co", file.endpoint().toString());
    HubSettings named =
        HubSettings.of(
            Map.of("HF_TOKEN", "hf_x", "HF_ENDPOINT", "https://mirror.example/hub/"), cache());
    assertEquals(Optional.of("hf_x"), named.token());
    assertEquals("https://mirror.example/hub", named.endpoint().toString());
    for (Map<String, String> wrong :
        List.of(
            Map.of("HF_HUB_OFFLINE", "1"),
            Map.of("HF_ENDPOINT", "file:///etc"),
            Map.of("HF_ENDPOINT", "no address"))) {
      assertThrows(HubException.class, () -> HubSettings.of(wrong, cache()));
    }
  }
}
