package dev.sparsed.cli;

import dev.sparsed.internal.MalformedUtf8Exception;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What failures of files mean, whose own messages are often no more than a path. */
final class FileFailures {

  private FileFailures() {}

  /** What happened to which file; empty where the exception's own message is all there is. */
  static Optional<String> text(IOException exception) {
    if (exception instanceof CharacterCodingException) {
      return Optional.of(
          exception instanceof MalformedUtf8Exception named
              ? named.getMessage()
              : String.format(Locale.ROOT, "a text is not in UTF-8 (%s)", exception.getMessage()));
    }
    return exception instanceof FileSystemException failure
        ? Optional.of(text(failure))
        : Optional.empty();
  }

  private static String text(FileSystemException failure) {
    String file = failure.getFile();
    if (file == null) {
      return failure.getClass().getSimpleName() + suffix(failure.getReason());
    }
    if (failure instanceof NoSuchFileException) {
      return file + " is not there" + missingFolder(Path.of(file));
    }
    if (failure instanceof AccessDeniedException) {
      return "access to " + file + " is denied" + suffix(failure.getReason());
    }
    if (failure instanceof FileAlreadyExistsException) {
      return file + " is there already" + suffix(failure.getReason());
    }
    if (failure instanceof NotDirectoryException) {
      return file + " is not a folder";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "the folder " + file + " is not empty";
    }
    if (failure instanceof FileSystemLoopException) {
      return "the links at " + file + " lead back to it";
    }
    String other = failure.getOtherFile() == null ? "" : " -> " + failure.getOtherFile();
    return file + other + suffix(failure.getReason());
  }

  /** A file cannot be written either where its folder is missing. */
  private static String missingFolder(Path file) {
    Path folder = file.getParent();
    return folder == null || Files.exists(folder) ? "" : ", nor is its folder " + folder;
  }

  private static String suffix(@Nullable String reason) {
    return reason == null ? "" : ": " + reason;
  }
}
