package dev.sparsed.cli.hub;

import com.google.common.collect.ImmutableList;
import dev.sparsed.internal.DiskSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Fetches a checkpoint into the hub's cache. */
public final class HubPull {

  private final HubRepository repository;
  private final ImmutableList<HubFile> files;
  private final Path cache;

  /** Sees what has come. */
  @FunctionalInterface
  public interface Progress {

    /** Sees nothing. */
    Progress NONE = (file, bytes) -> {};

    /**
     * Called now and then.
     *
     * @param file the file that is on its way
     * @param bytes of all files that are there by now
     */
    void onBytes(HubFile file, long bytes);
  }

  /**
   * A checkpoint to be fetched.
   *
   * @param repository where from
   * @param files which of its files
   * @param cache the hub's cache
   */
  public HubPull(HubRepository repository, ImmutableList<HubFile> files, Path cache) {
    this.repository = repository;
    this.files = files;
    this.cache = cache;
  }

  /**
   * Bytes of all files together.
   *
   * @return the sum
   */
  public long size() {
    return files.stream().mapToLong(HubFile::size).sum();
  }

  /**
   * Fetches what is not there yet. Files are named when they are whole, the configuration last: a
   * checkpoint that is found is complete.
   *
   * @param progress sees what has come
   * @return the checkpoint's folder
   * @throws HubException if the hub refuses or there is no room
   * @throws IOException if the connection breaks again and again, or a file cannot be written
   * @throws InterruptedException if the thread is interrupted; what has come stays
   */
  public Path run(Progress progress) throws IOException, InterruptedException {
    HubCache folder = new HubCache(cache, repository.name());
    String commit = repository.commit();
    requireRoom(folder);
    long before = 0;
    for (HubFile file : files) {
      long there = before;
      if (!folder.holds(file, commit)) {
        new HubDownload(repository, file, folder, bytes -> progress.onBytes(file, there + bytes))
            .run();
        folder.link(file, commit);
      }
      before += file.size();
      progress.onBytes(file, before);
    }
    folder.refer(repository.name().revision(), commit);
    return folder.snapshot(commit);
  }

  private void requireRoom(HubCache folder) throws IOException {
    long missing = 0;
    for (HubFile file : files) {
      if (!folder.holds(file, repository.commit()) && !Files.exists(folder.blob(file))) {
        Path part = folder.incomplete(file);
        missing += file.size() - (Files.exists(part) ? Files.size(part) : 0);
      }
    }
    Optional<String> scarce = DiskSpace.scarcity(cache, missing);
    if (scarce.isPresent()) {
      throw new HubException(
          String.format(
              Locale.ROOT,
              "%s needs another %.1f MiB, but %s; HF_HOME names another folder",
              repository.name(),
              missing / (double) (1 << 20),
              scarce.get()));
    }
  }
}
