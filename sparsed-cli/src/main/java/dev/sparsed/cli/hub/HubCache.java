package dev.sparsed.cli.hub;

import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A repository's folder in the hub's cache: {@code blobs} with contents by their etag, {@code
 * snapshots} with a folder of links for each commit, {@code refs} with the commits of branches.
 */
final class HubCache {

  private final Path folder;

  HubCache(Path cache, HubName name) {
    this.folder = cache.resolve("models--" + name.owner() + "--" + name.name());
  }

  /** Where a content lies once it is whole. */
  Path blob(HubFile file) throws IOException {
    return Files.createDirectories(folder.resolve("blobs")).resolve(file.etag());
  }

  /** Where it grows until then. */
  Path incomplete(HubFile file) throws IOException {
    return blob(file).resolveSibling(file.etag() + ".incomplete");
  }

  /** Where a commit's files are. */
  Path snapshot(String commit) {
    return folder.resolve("snapshots").resolve(commit);
  }

  /** Whether a commit has a file already. */
  boolean holds(HubFile file, String commit) throws IOException {
    Path there = snapshot(commit).resolve(file.path());
    return Files.isRegularFile(there) && Files.size(there) == file.size();
  }

  /** Gives a whole content its name in a commit. */
  void link(HubFile file, String commit) throws IOException {
    Path link = snapshot(commit).resolve(file.path());
    Path parent = Files.createDirectories(link.resolveSibling(""));
    Files.deleteIfExists(link);
    Path blob = blob(file);
    try {
      Files.createSymbolicLink(link, parent.relativize(blob));
    } catch (IOException | UnsupportedOperationException e) {
      if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        throw e instanceof IOException io ? io : new IOException(e);
      }
      // Not every system has links for everybody.
      Files.move(blob, link, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Lets a revision stand for a commit. */
  void refer(String revision, String commit) throws IOException {
    if (revision.equals(commit)) {
      return;
    }
    Path reference = folder.resolve("refs").resolve(revision).normalize();
    Files.createDirectories(reference.resolveSibling(""));
    WholeFile.write(reference, commit);
  }
}
