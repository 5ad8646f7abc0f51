package dev.sparsed.models.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds a checkpoint's folder: a local one, or that of a Hugging Face repository which was
 * downloaded before. Nothing is ever downloaded here.
 */
public final class CheckpointLocator {
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "(?<owner>[A-Za-z0-9][\\w.-]*)/(?<name>[A-Za-z0-9][\\w.-]*)(@(?<revision>[\\w./-]+))?");
  private static final Pattern COMMIT = Pattern.compile("[0-9A-Za-z]{1,64}");
  private static final int LONGEST_REFERENCE = 256;

  private final Path cache;

  private CheckpointLocator(Path cache) {
    this.cache = cache;
  }

  /**
   * The locator of this process's environment.
   *
   * @return a locator that looks where {@code HF_HUB_CACHE}, {@code HF_HOME} or else the home
   *     folder says
   */
  public static CheckpointLocator ofEnvironment() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
  }

  /**
   * A locator of the given environment.
   *
   * @param environment environment variables by name; {@code HF_HUB_CACHE}, {@code
   *     HUGGINGFACE_HUB_CACHE}, {@code HF_HOME} and {@code XDG_CACHE_HOME} are heeded, in this
   *     order
   * @param home the user's home folder
   * @return the locator
   */
  public static CheckpointLocator of(Map<String, String> environment, Path home) {
    return new CheckpointLocator(
        folder(environment, home, "HF_HUB_CACHE")
            .or(() -> folder(environment, home, "HUGGINGFACE_HUB_CACHE"))
            .or(() -> folder(environment, home, "HF_HOME").map(path -> path.resolve("hub")))
            .or(
                () ->
                    folder(environment, home, "XDG_CACHE_HOME")
                        .map(path -> path.resolve("huggingface").resolve("hub")))
            .orElse(home.resolve(".cache").resolve("huggingface").resolve("hub")));
  }

  private static Optional<Path> folder(
      Map<String, String> environment, Path home, String variable) {
    return Optional.ofNullable(environment.get(variable))
        .filter(value -> !value.isBlank())
        .map(value -> expand(value, home));
  }

  private static Path expand(String value, Path home) {
    return value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value);
  }

  /**
   * The folder of the local Hugging Face cache.
   *
   * @return the folder, which need not exist
   */
  public Path cache() {
    return cache;
  }

  /**
   * Finds a checkpoint.
   *
   * @param folderOrRepository a local folder, or a repository id {@code owner/name}, with
   *     {@code @revision} where another than {@code main} is wanted; a local folder wins
   * @return the folder that holds the checkpoint's files
   * @throws CheckpointException if there is none; for a repository id the message says which
   *     command downloads it
   */
  public Path locate(String folderOrRepository) {
    Optional<Path> folder = existingFolder(folderOrRepository);
    if (folder.isPresent()) {
      return folder.get();
    }
    Matcher repository = REPOSITORY.matcher(folderOrRepository);
    if (!repository.matches() || folderOrRepository.contains("..")) {
      throw new CheckpointException(
          Quoted.name(folderOrRepository)
              + " is neither a folder nor a repository id such as GSAI-ML/LLaDA-8B-Instruct");
    }
    String owner = repository.group("owner");
    String name = repository.group("name");
    Optional<String> revision = Optional.ofNullable(repository.group("revision"));
    Path models = cache.resolve("models--" + owner + "--" + name);
    return snapshot(models, revision.orElse("main"))
        .orElseThrow(
            () ->
                new CheckpointException(
                    String.format(
                        Locale.ROOT,
                        "%s is no folder here and not in the Hugging Face cache %s; download it with: hf download %s/%s%s",
                        folderOrRepository,
                        cache,
                        owner,
                        name,
                        revision.map(wanted -> " --revision " + wanted).orElse(""))));
  }

  private static Optional<Path> existingFolder(String text) {
    try {
      return Optional.of(Path.of(text))
          .filter(Files::isDirectory)
          .filter(folder -> !text.isBlank());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * A revision is a reference whose file holds the commit, or a commit itself. A snapshot without
   * its configuration was never finished.
   */
  private static Optional<Path> snapshot(Path models, String revision) {
    Path snapshots = models.resolve("snapshots");
    Path reference = models.resolve("refs").resolve(revision).normalize();
    Optional<String> commit = Optional.of(revision);
    if (reference.startsWith(models.resolve("refs")) && Files.isRegularFile(reference)) {
      commit = readReference(reference);
    }
    return commit
        .filter(hash -> COMMIT.matcher(hash).matches())
        .map(snapshots::resolve)
        .filter(folder -> Files.exists(folder.resolve(Checkpoint.CONFIG_FILE)));
  }

  private static Optional<String> readReference(Path reference) {
    try {
      return Files.size(reference) > LONGEST_REFERENCE
          ? Optional.empty()
          : Optional.of(Files.readString(reference).strip());
    } catch (IOException e) {
      throw new CheckpointException(reference + " cannot be read: " + e, e);
    }
  }
}
