package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A repository's folder in the local Hugging Face cache, {@code models--owner--name}: snapshots of
 * commits, and references such as {@code main} to them.
 */
final class HubFolder {
  private static final String PREFIX = "models--";
  private static final Pattern COMMIT = Pattern.compile("[0-9A-Za-z]{1,64}");
  private static final int LONGEST_REFERENCE = 256;
  private static final String MAIN = "main";

  private final Path folder;

  private HubFolder(Path folder) {
    this.folder = folder;
  }

  static HubFolder of(Path cache, String owner, String name) {
    return new HubFolder(cache.resolve(PREFIX + owner + "--" + name));
  }

  /**
   * The checkpoint in a folder that a user named: the folder itself, or the snapshot of a
   * repository's folder.
   *
   * @throws CheckpointException if it is a repository's folder without a finished snapshot
   */
  static Path checkpoint(Path named) {
    boolean repository =
        !FileFailure.isPresent(named.resolve(Checkpoint.CONFIG_FILE))
            && Files.isDirectory(named.resolve("snapshots"));
    if (!repository) {
      return named;
    }
    HubFolder hub = new HubFolder(named);
    return hub.snapshot(MAIN)
        .or(hub::onlySnapshot)
        .orElseThrow(
            () ->
                new CheckpointException(
                    String.format(
                        Locale.ROOT,
                        "%s is a repository's folder in the Hugging Face cache, but its branch main has no finished snapshot; run the download again, or name one of the folders in %s",
                        named,
                        named.resolve("snapshots"))));
  }

  /**
   * The finished snapshot of a revision, which is a reference whose file holds the commit, or a
   * commit itself. A snapshot without its configuration was never finished, or is no checkpoint.
   */
  Optional<Path> snapshot(String revision) {
    return snapshotFolder(revision).filter(HubFolder::isFinished);
  }

  /**
   * Where a revision's snapshot lies, be it finished or not; empty where nothing was downloaded.
   */
  Optional<Path> snapshotFolder(String revision) {
    Path references = folder.resolve("refs");
    Path reference = references.resolve(revision).normalize();
    Optional<String> commit = Optional.of(revision);
    if (reference.startsWith(references) && Files.isRegularFile(reference)) {
      commit = readReference(reference);
    }
    return commit
        .filter(hash -> COMMIT.matcher(hash).matches())
        .map(folder.resolve("snapshots")::resolve)
        .filter(Files::isDirectory);
  }

  /** A download by commit leaves no reference. */
  private Optional<Path> onlySnapshot() {
    Path snapshots = folder.resolve("snapshots");
    try (Stream<Path> all = Files.list(snapshots)) {
      List<Path> finished = all.filter(HubFolder::isFinished).limit(2).toList();
      return finished.size() == 1 ? Optional.of(finished.get(0)) : Optional.empty();
    } catch (IOException e) {
      throw FileFailure.unreadable(snapshots, e);
    }
  }

  private static boolean isFinished(Path snapshot) {
    return FileFailure.isPresent(snapshot.resolve(Checkpoint.CONFIG_FILE));
  }

  private static Optional<String> readReference(Path reference) {
    try {
      return Files.size(reference) > LONGEST_REFERENCE
          ? Optional.empty()
          : Optional.of(Files.readString(reference).strip());
    } catch (IOException e) {
      throw FileFailure.unreadable(reference, e);
    }
  }
}
