package dev.sparsed.models.checkpoint;

import dev.sparsed.text.Quoted;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds weights that an interrupted download left as zeros: such a file has its right size, and
 * nothing in the format tells. Of a sound file a few bytes per tensor are read.
 */
final class ZeroWeights {
  private static final int SAMPLE = 64;
  private static final int CHUNK = 1 << 20;

  /** Zeros at a file's end that are a reason to compare a checksum, where there is one. */
  private static final int SUSPICIOUS = 16;

  /** Zeros at a file's end that are worth a warning where nothing can be compared. */
  private static final int STRIKING = 512;

  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private ZeroWeights() {}

  /**
   * Looks at the files of a model.
   *
   * @param files the files
   * @param read names of the stored tensors that the model reads, biases left out, which may well
   *     be zero
   */
  static ZeroWeights in(Collection<SafetensorsFile> files, Set<String> read) {
    ZeroWeights found = new ZeroWeights();
    files.forEach(file -> found.check(file, read));
    return found;
  }

  /** Files that are not what the hub has. */
  List<String> problems() {
    return problems;
  }

  /** Tensors of zeros in files of which no checksum is known. */
  List<String> warnings() {
    return warnings;
  }

  private void check(SafetensorsFile file, Set<String> read) {
    List<String> zero =
        file.tensors().values().stream()
            .filter(entry -> read.contains(entry.name()) && isZero(file, entry))
            .map(entry -> Quoted.of(entry.name()))
            .toList();
    long tail = tail(file);
    if (zero.isEmpty() && tail < SUSPICIOUS) {
      return;
    }
    String what =
        zero.isEmpty()
            ? String.format(Locale.ROOT, "ends in %d bytes of zeros", tail)
            : String.format(
                Locale.ROOT,
                "holds %d weights that are all zeros: %s",
                zero.size(),
                Listing.of(zero));
    Optional<String> expected = HubChecksum.expected(file.path());
    if (expected.isPresent()) {
      if (!expected.get().equals(HubChecksum.actual(file.path()))) {
        problems.add(
            String.format(
                Locale.ROOT,
                "%s %s, and its SHA-256 is not the hub's %s: its download was interrupted; delete it and download it again",
                file.path(),
                what,
                expected.get()));
      }
    } else if (!zero.isEmpty() || tail >= STRIKING) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s %s; if its download was interrupted, download it again",
              file.path(),
              what));
    }
  }

  private static boolean isZero(SafetensorsFile file, TensorEntry entry) {
    long length = entry.byteLength();
    int sample = (int) Math.min(SAMPLE, length);
    if (length == 0
        || !isZero(file, entry, length - sample, sample)
        || !isZero(file, entry, 0, sample)) {
      return false;
    }
    for (long from = 0; from < length; from += CHUNK) {
      if (!isZero(file, entry, from, (int) Math.min(CHUNK, length - from))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(SafetensorsFile file, TensorEntry entry, long from, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    file.read(entry, from, bytes);
    return zerosAtEnd(bytes.array()) == count;
  }

  /** The zeros that the last tensor of a file ends in, at most a chunk of them. */
  private static long tail(SafetensorsFile file) {
    TensorEntry last = null;
    for (TensorEntry entry : file.tensors().values()) {
      last = entry.byteLength() > 0 ? entry : last;
    }
    if (last == null) {
      return 0;
    }
    int sample = (int) Math.min(SUSPICIOUS, last.byteLength());
    if (!isZero(file, last, last.byteLength() - sample, sample)) {
      return 0;
    }
    int count = (int) Math.min(CHUNK, last.byteLength());
    ByteBuffer bytes = ByteBuffer.allocate(count);
    file.read(last, last.byteLength() - count, bytes);
    return zerosAtEnd(bytes.array());
  }

  private static int zerosAtEnd(byte[] bytes) {
    int at = bytes.length;
    while (at > 0 && bytes[at - 1] == 0) {
      at--;
    }
    return bytes.length - at;
  }
}
