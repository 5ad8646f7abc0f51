package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.text.internal.Quoted;
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

  /** Rows for ids that no token has, of which published models leave a few at zero. */
  private static final double PADDING = 0.01;

  private final Set<String> read;
  private final Set<String> rowsOfTokens;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private ZeroWeights(Set<String> read, Set<String> rowsOfTokens) {
    this.read = read;
    this.rowsOfTokens = rowsOfTokens;
  }

  /**
   * Looks at the files of a model.
   *
   * @param files the files
   * @param read names of the stored tensors that the model reads, biases left out, which may well
   *     be zero
   * @param rowsOfTokens names of the embedding and the head, the last rows of which may be zero
   */
  static ZeroWeights in(
      Collection<SafetensorsFile> files, Set<String> read, Set<String> rowsOfTokens) {
    ZeroWeights found = new ZeroWeights(read, rowsOfTokens);
    files.forEach(found::check);
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

  private void check(SafetensorsFile file) {
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

  /** The bytes of zeros at the end of a file's last tensor, none where they may be padding. */
  private long tail(SafetensorsFile file) {
    TensorEntry last = null;
    for (TensorEntry entry : file.tensors().values()) {
      last = entry.byteLength() > 0 ? entry : last;
    }
    if (last == null) {
      return 0;
    }
    long zeros = 0;
    int zerosInChunk;
    int count;
    do {
      count = (int) Math.min(zeros == 0 ? SAMPLE : CHUNK, last.byteLength() - zeros);
      ByteBuffer bytes = ByteBuffer.allocate(count);
      file.read(last, last.byteLength() - zeros - count, bytes);
      zerosInChunk = zerosAtEnd(bytes.array());
      zeros += zerosInChunk;
    } while (zerosInChunk == count && zeros < last.byteLength());
    return zeros <= padding(last) ? 0 : zeros;
  }

  private long padding(TensorEntry last) {
    if (!rowsOfTokens.contains(last.name()) || last.shape().toArray().length != 2) {
      return 0;
    }
    long rows = last.shape().toArray()[0];
    return Math.max(1, (long) (rows * PADDING)) * (last.byteLength() / rows);
  }

  private static int zerosAtEnd(byte[] bytes) {
    int at = bytes.length;
    while (at > 0 && bytes[at - 1] == 0) {
      at--;
    }
    return bytes.length - at;
  }
}
