package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.internal.FileNames;
import dev.sparsed.internal.UserFolders;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
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

  /** A variable in a folder's name, as Hugging Face's tools replace it. */
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)\\})");

  private final Map<String, String> environment;
  private final Path fallback;

  private CheckpointLocator(Map<String, String> environment, Path fallback) {
    this.environment = environment;
    this.fallback = fallback;
  }

  /**
   * The locator of this process's environment.
   *
   * @return a locator that looks where {@code HF_HUB_CACHE}, {@code HF_HOME} or else the home
   *     folder says
   */
  public static CheckpointLocator ofEnvironment() {
    return of(System.getenv(), UserFolders.ofProcess().home().orElse(Path.of("")));
  }

  /**
   * A locator of the given environment.
   *
   * @param environment environment variables by name; {@code HF_HUB_CACHE}, {@code
   *     HUGGINGFACE_HUB_CACHE}, {@code HF_HOME} and {@code XDG_CACHE_HOME} are heeded, in this
   *     order, and {@code HOME} decides where the home folder is, as for Hugging Face's tools
   * @param fallback the user's home folder where {@code HOME} is not set
   * @return the locator
   */
  public static CheckpointLocator of(Map<String, String> environment, Path fallback) {
    return new CheckpointLocator(environment, fallback);
  }

  /**
   * The folder of the local Hugging Face cache.
   *
   * @return the folder, which need not exist
   * @throws CheckpointException if a variable names what can be no folder
   */
  public Path cache() {
    Path home = folder("HOME", fallback).orElse(fallback);
    return folder("HF_HUB_CACHE", home)
        .or(() -> folder("HUGGINGFACE_HUB_CACHE", home))
        .or(() -> folder("HF_HOME", home).map(path -> path.resolve("hub")))
        .or(
            () ->
                folder("XDG_CACHE_HOME", home)
                    .map(path -> path.resolve("huggingface").resolve("hub")))
        .orElseGet(() -> home.resolve(".cache").resolve("huggingface").resolve("hub"));
  }

  private Optional<Path> folder(String variable, Path home) {
    return Optional.ofNullable(environment.get(variable))
        .filter(value -> !value.isBlank())
        .map(value -> expand(variable, value, home));
  }

  private Path expand(String variable, String value, Path home) {
    String name =
        VARIABLE
            .matcher(value)
            .replaceAll(
                found -> {
                  String other = found.group(1) == null ? found.group(2) : found.group(1);
                  return Matcher.quoteReplacement(environment.getOrDefault(other, found.group()));
                });
    try {
      if (name.equals("~")) {
        return home;
      }
      return name.startsWith("~/") ? home.resolve(name.substring(2)) : Path.of(name);
    } catch (InvalidPathException e) {
      throw new CheckpointException(
          variable + " names the folder " + Quoted.of(name) + ": " + FileNames.explain(name, e), e);
    }
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
    Optional<Path> place = existingPlace(folderOrRepository);
    if (place.filter(Files::isDirectory).isPresent()) {
      return HubFolder.checkpoint(place.get());
    }
    if (place.isPresent()) {
      Optional<String> why = FileFailure.whyNoFile(place.get());
      throw new CheckpointException(
          folderOrRepository
              + why.map(reason -> " cannot be read: " + reason)
                  .orElse(" is a file; name the checkpoint's folder"));
    }
    Matcher repository = REPOSITORY.matcher(folderOrRepository);
    if (!repository.matches() || folderOrRepository.contains("..")) {
      throw new CheckpointException(
          Quoted.of(folderOrRepository)
              + " is neither a folder nor a repository id such as GSAI-ML/LLaDA-8B-Instruct"
              + astray(folderOrRepository));
    }
    String owner = repository.group("owner");
    String name = repository.group("name");
    Optional<String> revision = Optional.ofNullable(repository.group("revision"));
    Path cache = cache();
    HubFolder hub = HubFolder.of(cache, owner, name);
    Optional<Path> found = hub.snapshotFolder(revision.orElse("main"));
    String download =
        String.format(
            Locale.ROOT,
            "./sparsed pull %s/%s%s, or hf download %s/%s%s",
            owner,
            name,
            revision.map(wanted -> "@" + wanted).orElse(""),
            owner,
            name,
            revision.map(wanted -> " --revision " + wanted).orElse(""));
    if (found.isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is no folder here%s and not in the Hugging Face cache %s; download it with: %s",
              folderOrRepository,
              astray(folderOrRepository),
              cache,
              download));
    }
    if (hub.snapshot(revision.orElse("main")).isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is in the Hugging Face cache, but %s holds no %s; %s. It is downloaded with: %s",
              folderOrRepository,
              found.get(),
              Checkpoint.CONFIG_FILE,
              FolderContents.of(found.get()).advice(),
              download));
    }
    return found.get();
  }

  /** Why a folder of this name may be there all the same. */
  private static String astray(String folder) {
    return FileNames.astray(Path.of(folder)).map(why -> " (" + why + ")").orElse("");
  }

  private static Optional<Path> existingPlace(String text) {
    try {
      return Optional.of(Path.of(text))
          .filter(FileFailure::isPresent)
          .filter(place -> !text.isBlank());
    } catch (InvalidPathException e) {
      throw new CheckpointException(Quoted.of(text) + ": " + FileNames.explain(text, e), e);
    }
  }
}
