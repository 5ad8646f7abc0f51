package dev.sparsed.cli.hub;

import dev.sparsed.internal.DiskSpace;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * One content on its way into the cache. What has come stays beside the wanted name with {@code
 * .incomplete} behind it, is gone on with by the next try or the next process, and gets the name
 * when its sum is right.
 */
final class HubDownload {

  private static final int CHUNK = 1 << 18;

  private final HubRepository repository;
  private final HubFile file;
  private final Path target;
  private final Path incomplete;
  private final LongConsumer arrived;

  /**
   * A content.
   *
   * @param arrived is told how many bytes are there, those of earlier tries included; fewer than
   *     before where a try begins anew
   */
  HubDownload(HubRepository repository, HubFile file, HubCache cache, LongConsumer arrived)
      throws IOException {
    this.repository = repository;
    this.file = file;
    this.target = cache.blob(file);
    this.incomplete = cache.incomplete(file);
    this.arrived = arrived;
  }

  /**
   * Fetches it.
   *
   * @throws HubException if the hub refuses, or gives something else than it said
   * @throws IOException if the connection breaks again and again, or nothing can be written
   */
  void run() throws IOException, InterruptedException {
    if (Files.isRegularFile(target) && Files.size(target) == file.size()) {
      arrived.accept(file.size());
      return;
    }
    HubSettings settings = repository.http().settings();
    try (FileChannel channel =
        FileChannel.open(
            incomplete,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      try (FileLock lock = lock(channel)) {
        boolean right = attempt(settings, channel);
        if (!right) {
          // Perhaps what an earlier process has left.
          channel.truncate(0);
          right = attempt(settings, channel);
        }
        if (!right) {
          channel.truncate(0);
          throw new HubException(
              String.format(
                  Locale.ROOT,
                  "what came of %s is not what the hub says it is: its checksum is not %s",
                  file.path(),
                  file.etag()));
        }
        channel.force(true);
        if (!lock.isValid()) {
          throw new IOException("the lock of " + incomplete + " is lost");
        }
      }
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      Optional<String> full = DiskSpace.shortage(target.resolveSibling(""), e);
      throw full.isPresent() ? new HubException(file.path() + ": " + full.get()) : e;
    }
    Files.move(incomplete, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private FileLock lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this process.
    }
    throw new HubException(
        "another process is fetching " + file.path() + " of the same repository");
  }

  /** Brings the content to its full length and says whether its sum is right. */
  private boolean attempt(HubSettings settings, FileChannel channel)
      throws IOException, InterruptedException {
    if (channel.size() > file.size()) {
      channel.truncate(0);
    }
    Retry.of(
        settings,
        () -> {
          goOn(settings, channel);
          return true;
        });
    return isRight(channel);
  }

  private void goOn(HubSettings settings, FileChannel channel)
      throws IOException, InterruptedException {
    long from = channel.size();
    arrived.accept(from);
    if (from == file.size()) {
      return;
    }
    HttpResponse<InputStream> answer = repository.http().get(repository.address(file.path()), from);
    try (InputStream body = answer.body();
        StallGuard guard = new StallGuard(body, settings.stall())) {
      HubAnswers.check(answer, file.path(), repository.name(), settings);
      if (answer.statusCode() != 206 || !startsAt(answer, from)) {
        channel.truncate(0); // The whole of it comes.
        from = 0;
      }
      channel.position(from);
      byte[] bytes = new byte[CHUNK];
      long there = from;
      for (int count = read(body, bytes, there); count >= 0; count = read(body, bytes, there)) {
        guard.moved();
        if (there + count > file.size()) {
          throw new HubException(
              String.format(
                  Locale.ROOT,
                  "more comes of %s than the %d bytes that the hub said",
                  file.path(),
                  file.size()));
        }
        write(channel, ByteBuffer.wrap(bytes, 0, count));
        there += count;
        arrived.accept(there);
      }
      if (there < file.size()) {
        throw new IOException(cutOff(there));
      }
    }
  }

  private int read(InputStream body, byte[] bytes, long there) throws IOException {
    try {
      return body.read(bytes);
    } catch (IOException e) {
      throw new IOException(cutOff(there) + " (" + e.getMessage() + ")", e);
    }
  }

  private String cutOff(long there) {
    return String.format(
        Locale.ROOT,
        "%s was cut off after %d of %d bytes; the same command goes on there",
        file.path(),
        there,
        file.size());
  }

  private static boolean startsAt(HttpResponse<?> answer, long from) {
    return answer
        .headers()
        .firstValue("Content-Range")
        .filter(range -> range.startsWith("bytes " + from + "-"))
        .isPresent();
  }

  private void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      // Another try does not help where nothing can be written.
      String why =
          DiskSpace.shortage(target.resolveSibling(""), e)
              .orElseGet(() -> String.valueOf(e.getMessage()));
      throw new HubException(file.path() + " cannot be written: " + why);
    }
  }

  private boolean isRight(FileChannel channel) throws IOException {
    Sum sum = new Sum(file);
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    channel.position(0);
    while (channel.read(buffer) >= 0) {
      sum.add(buffer.array(), buffer.position());
      buffer.clear();
    }
    return sum.isRight();
  }
}
