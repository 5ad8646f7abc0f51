package dev.sparsed.attention.internal.calibration;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Measurements on disk, one file each, written whole or not at all, so that processes that measure
 * the same at once leave one of their files. A file that is broken, or not this library's, counts
 * as none.
 */
public final class CalibrationFolder {

  /** More than any key needs. */
  private static final int MOST_BYTES = 1 << 16;

  private final Path folder;

  /**
   * A folder of measurements.
   *
   * @param folder the folder, which need not exist
   */
  public CalibrationFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Where it is.
   *
   * @return the folder
   */
  public Path path() {
    return folder;
  }

  /**
   * Looks a measurement up.
   *
   * @param key what it depends on
   * @return the measurement, empty if there is none to be read
   */
  public Optional<AttentionTimings> read(CalibrationKey key) {
    return read(folder.resolve(key.fileName()))
        .filter(entry -> entry.key().equals(key))
        .map(CalibrationText.Entry::timings);
  }

  /**
   * Keeps a measurement, in the place of an earlier one.
   *
   * @param key what it depends on
   * @param timings the times
   * @throws IOException if it cannot be written
   */
  public void write(CalibrationKey key, AttentionTimings timings) throws IOException {
    Files.createDirectories(folder);
    WholeFile.write(
        folder.resolve(key.fileName()),
        CalibrationText.format(new CalibrationText.Entry(key, timings)));
  }

  /**
   * Everything that is kept here.
   *
   * @return the measurements, in the order of their files' names; empty if the folder cannot be
   *     read
   */
  public ImmutableMap<CalibrationKey, AttentionTimings> all() {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder, "*" + CalibrationKey.SUFFIX)) {
      found.forEach(files::add);
    } catch (IOException | DirectoryIteratorException e) {
      return ImmutableMap.of();
    }
    Collections.sort(files);
    ImmutableMap.Builder<CalibrationKey, AttentionTimings> all = ImmutableMap.builder();
    for (Path file : files) {
      read(file)
          // A copy under another name is found by nobody.
          .filter(entry -> file.endsWith(entry.key().fileName()))
          .ifPresent(entry -> all.put(entry.key(), entry.timings()));
    }
    return all.buildOrThrow();
  }

  private static Optional<CalibrationText.Entry> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      return bytes.length > MOST_BYTES
          ? Optional.empty()
          : CalibrationText.parse(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
