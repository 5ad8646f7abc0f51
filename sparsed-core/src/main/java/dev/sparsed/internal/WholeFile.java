package dev.sparsed.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes files that are there whole or not at all. The content goes to a file beside the wanted
 * one, to the disk, and only then to its name: where the disk is full, or the process is killed,
 * the old content stays. Devices and pipes, which have no old content, are written straight.
 */
public final class WholeFile {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MOST_LINKS = 40;

  private WholeFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes all of it.
     *
     * @param out buffered; closed by the caller
     * @throws IOException if it cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a text in UTF-8.
   *
   * @param file the file, which is replaced if it exists
   * @param text its content
   * @throws IOException if it cannot be written; names the file
   */
  public static void write(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes a file.
   *
   * @param file the file, which is replaced if it exists
   * @param content writes what it is to hold
   * @throws IOException if it cannot be written; names the file
   */
  public static void write(Path file, Content content) throws IOException {
    try {
      Path target = behindLinks(file);
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        writeStraight(target, content);
      } else {
        replace(target, content);
      }
    } catch (IOException e) {
      throw about(file, e);
    }
  }

  /** The same failure, told of the file that was asked for and not of the one beside it. */
  private static FileSystemException about(Path file, IOException failure) {
    String name = file.toString();
    FileSystemException named;
    if (failure instanceof NoSuchFileException) {
      named = new NoSuchFileException(name);
    } else if (failure instanceof AccessDeniedException) {
      named = new AccessDeniedException(name);
    } else if (failure instanceof FileSystemLoopException) {
      named = new FileSystemLoopException(name);
    } else {
      String reason =
          failure instanceof FileSystemException its ? its.getReason() : failure.getMessage();
      named = new FileSystemException(name, null, reason);
    }
    named.initCause(failure);
    return named;
  }

  /** What a link leads to, which need not be there yet, so that the link stays one. */
  private static Path behindLinks(Path file) throws IOException {
    Path target = file;
    for (int links = 0; Files.isSymbolicLink(target); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(file.toString());
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  private static void writeStraight(Path target, Content content) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(
            Files.newOutputStream(target, StandardOpenOption.WRITE), BUFFER_BYTES)) {
      content.writeTo(out);
    }
  }

  private static void replace(Path target, Content content) throws IOException {
    // The name does not hold the file's, which may be as long as names can be.
    Path part =
        target.resolveSibling(
            ".sparsed-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong())
                + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      keepPermissions(target, part);
      move(part, target);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void keepPermissions(Path target, Path part) throws IOException {
    PosixFileAttributeView of = Files.getFileAttributeView(part, PosixFileAttributeView.class);
    if (of != null && Files.exists(target)) {
      of.setPermissions(Files.getPosixFilePermissions(target));
    }
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
