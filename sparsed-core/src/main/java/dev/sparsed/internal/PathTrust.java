package dev.sparsed.internal;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether another user could put files of his own at a path. Judged by owners and modes; where a
 * file system has none (Windows, whose home folders are private), nothing is found.
 *
 * <p>A path is safe if every element on the way, links included, belongs to this user or to root,
 * and nobody else can write to it. In a folder with the sticky bit, such as {@code /tmp}, only an
 * element's owner can move it away, so that others may write there.
 */
final class PathTrust {

  private static final int ROOT = 0;
  private static final int OTHERS_WRITE = 0022;
  private static final int STICKY = 01000;

  /** As Linux has it. */
  private static final int MOST_LINKS = 40;

  private static final boolean OWNERS =
      Path.of("").getFileSystem().supportedFileAttributeViews().contains("unix");

  private final int user;
  private final ImmutableSet<Integer> trusted;

  private PathTrust(int user, ImmutableSet<Integer> trusted) {
    this.user = user;
    this.trusted = trusted;
  }

  /**
   * The trust of this process's user.
   *
   * @throws IOException if the process cannot be told who it is
   */
  static PathTrust ofProcess() throws IOException {
    if (!OWNERS) {
      return new PathTrust(ROOT, ImmutableSet.of());
    }
    int user = user();
    ImmutableSet.Builder<Integer> trusted = ImmutableSet.<Integer>builder().add(ROOT, user);
    unmappedRoot().ifPresent(trusted::add);
    return new PathTrust(user, trusted.build());
  }

  /** The trust of some user, for tests. */
  static PathTrust of(int user) {
    return new PathTrust(user, ImmutableSet.of(ROOT, user));
  }

  /**
   * What is wrong with a folder as one that belongs to this user alone: its way, its owner, who can
   * write to it, and files in it that are others'.
   *
   * @param folder an existing folder
   * @return the reason, in words that follow "because"; empty if it is safe
   * @throws IOException if it cannot be read
   */
  Optional<String> problemOfOwn(Path folder) throws IOException {
    if (!OWNERS) {
      return Optional.empty();
    }
    Optional<String> way = problemOfWay(folder);
    if (way.isPresent()) {
      return way;
    }
    Path real = folder.toRealPath();
    Entry entry = Entry.of(real);
    if (entry.owner != user) {
      return Optional.of(entry.belongsTo());
    }
    if (entry.othersWrite()) {
      return Optional.of(entry.canBeWritten());
    }
    return problemInside(real, entry.isClosed());
  }

  /**
   * What is wrong with the way to a folder or file, itself included.
   *
   * @param path an existing path
   * @return the reason; empty if only this user and root can change where it leads
   * @throws IOException if it cannot be read
   */
  Optional<String> problemOfWay(Path path) throws IOException {
    if (!OWNERS) {
      return Optional.empty();
    }
    Path absolute = path.toAbsolutePath();
    Deque<Path> names = new ArrayDeque<>();
    absolute.forEach(names::add);
    Path at = absolute.getRoot();
    int links = 0;
    while (true) {
      Entry entry = Entry.of(at);
      if (!trusted.contains(entry.owner)) {
        return Optional.of(entry.belongsTo());
      }
      if (entry.isLink()) {
        if (++links > MOST_LINKS) {
          return Optional.of(path + " has too many links");
        }
        Path target = Files.readSymbolicLink(at);
        names = before(target, names);
        at = target.isAbsolute() ? target.getRoot() : at.resolveSibling("");
      } else if (entry.othersWrite() && !entry.isSticky()) {
        return Optional.of(entry.canBeWritten());
      }
      Path next = names.poll();
      if (next == null) {
        return Optional.empty();
      }
      at = at.resolve(next).normalize();
    }
  }

  private static Deque<Path> before(Path target, Deque<Path> rest) {
    Deque<Path> names = new ArrayDeque<>();
    target.forEach(names::add);
    names.addAll(rest);
    return names;
  }

  /** Files that are there already. In a folder that nobody else can enter, modes do not matter. */
  private Optional<String> problemInside(Path folder, boolean closed) throws IOException {
    Finding finding = new Finding(closed);
    Files.walkFileTree(folder, finding);
    return Optional.ofNullable(finding.problem);
  }

  /** Root in a user namespace that does not know it: its files seem to be nobody's. */
  private static Optional<Integer> unmappedRoot() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/uid_map"))) {
        Iterable<String> range = Splitter.on(' ').omitEmptyStrings().split(line.strip());
        if (range.iterator().next().equals("0")) {
          return Optional.empty();
        }
      }
      return Optional.of(
          Integer.parseInt(Files.readString(Path.of("/proc/sys/kernel/overflowuid")).strip()));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // No Linux, or not that part of it.
    }
  }

  private static int user() throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.isDirectory(self)) {
      return (int) Files.getAttribute(self, "unix:uid");
    }
    Path probe = Files.createTempFile("sparsed", ".owner");
    try {
      return (int) Files.getAttribute(probe, "unix:uid");
    } finally {
      Files.delete(probe);
    }
  }

  /** Stops at the first entry that another user owns or, in an open folder, can write to. */
  private final class Finding extends SimpleFileVisitor<Path> {

    private final boolean closed;
    @Nullable String problem;

    Finding(boolean closed) {
      this.closed = closed;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
        throws IOException {
      return visitFile(folder, attributes);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Entry entry = Entry.of(file);
      if (!trusted.contains(entry.owner)) {
        problem = entry.belongsTo();
      } else if (!closed && !entry.isLink() && entry.othersWrite()) {
        problem = entry.canBeWritten();
      }
      return problem == null ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw failure;
      }
      return FileVisitResult.CONTINUE; // Another process of this user has cleared it away.
    }
  }

  /** Owner and mode of a path's last element, links not followed. */
  private record Entry(Path path, int owner, int mode) {

    private static final int TYPE = 0170000;
    private static final int LINK = 0120000;

    static Entry of(Path path) throws IOException {
      Map<String, Object> attributes =
          Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
      return new Entry(path, number(attributes, "uid"), number(attributes, "mode"));
    }

    private static int number(Map<String, Object> attributes, String name) {
      return attributes.get(name) instanceof Integer number ? number : -1;
    }

    boolean isLink() {
      return (mode & TYPE) == LINK;
    }

    boolean othersWrite() {
      return (mode & OTHERS_WRITE) != 0;
    }

    boolean isSticky() {
      return (mode & STICKY) != 0;
    }

    boolean isClosed() {
      return (mode & 0077) == 0;
    }

    String belongsTo() throws IOException {
      return path + " belongs to " + Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
    }

    String canBeWritten() {
      return path
          + " can be written by other users (mode "
          + Integer.toOctalString(mode & 07777)
          + ")";
    }
  }
}
