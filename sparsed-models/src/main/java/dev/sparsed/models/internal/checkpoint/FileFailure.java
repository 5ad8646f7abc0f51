package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.internal.FileNames;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Why a file cannot be read, which exceptions of files often answer with its path alone. */
final class FileFailure {
  private FileFailure() {}

  /** The exception to throw for a file that could not be read. */
  static CheckpointException unreadable(Path file, IOException cause) {
    return new CheckpointException(file + " cannot be read: " + reason(file, cause), cause);
  }

  /**
   * Why there is no regular file at a place, empty where there is one. A place that may be empty is
   * asked for with {@link #isPresent}.
   */
  static Optional<String> whyNoFile(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      if (found.isRegularFile()) {
        return Optional.empty();
      }
      return Optional.of(found.isDirectory() ? "it is a folder" : "it is no regular file");
    } catch (IOException e) {
      return Optional.of(reason(file, e));
    }
  }

  /**
   * Whether something is at a place, a link that leads nowhere included: a file that cannot be
   * looked at is there, so that its reading says why.
   */
  static boolean isPresent(Path file) {
    try {
      Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (FileSystemException e) {
      // A file in the place of a folder of the path.
      return !"Not a directory".equals(e.getReason());
    } catch (IOException e) {
      return true;
    }
  }

  /** The reason in words. */
  static String reason(Path file, IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return whyNotThere(file);
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied; change the permissions of the file or of its folder";
    }
    if (failure instanceof NotDirectoryException) {
      return "a part of its path is no folder";
    }
    if (failure instanceof FileSystemLoopException) {
      return "its links lead back to it";
    }
    if (failure instanceof ClosedByInterruptException) {
      return "reading was interrupted";
    }
    if (failure instanceof ClosedChannelException) {
      return "it was closed while it was read";
    }
    String reason =
        failure instanceof FileSystemException inFileSystem
            ? inFileSystem.getReason()
            : failure.getMessage();
    if (reason == null || reason.isBlank() || reason.equals(file.toString())) {
      return failure.getClass().getSimpleName();
    }
    if (reason.equals("Is a directory")) {
      return "it is a folder";
    }
    return reason.contains("Input/output error") ? reason + "; the disk may be damaged" : reason;
  }

  private static String whyNotThere(Path file) {
    if (Files.isSymbolicLink(file)) {
      return "it is a link to " + target(file) + ", which is not there";
    }
    return FileNames.astray(file).orElse("it is not there");
  }

  private static String target(Path link) {
    try {
      return Quoted.of(Files.readSymbolicLink(link).toString());
    } catch (IOException e) {
      return "a file";
    }
  }
}
