package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import dev.sparsed.internal.WholeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The patterns of a model's layers as a file.
 *
 * <p>The form, all integers 32 bits and big-endian: the eight bytes {@code 89 'S' 'P' 'D' 0D 0A 1A
 * 0A}, the version, the number of layers; for each layer, in ascending order, its index, batch,
 * heads, queryLength, keyLength, and in version 1 the blocks' size, in version 2 the tokens per
 * query block and those per key block; then the rows of the grid with one bit per key block, key
 * block j at bit {@code j % 8} of byte {@code j / 8}, each row padded with zeros to whole bytes; at
 * the end the CRC-32 of all that came before. Two files of the same patterns are the same bytes:
 * the version is 2 only where some layer's query and key blocks differ in size. At usual densities
 * the bits hardly compress, so they are not compressed: reading takes no more memory than a small
 * multiple of the bytes that are really there, whatever the header says.
 */
public final class PatternFile {

  private static final byte[] MAGIC = {(byte) 0x89, 'S', 'P', 'D', '\r', '\n', 0x1a, '\n'};
  private static final int SQUARE_BLOCKS = 1;
  private static final int ANY_BLOCKS = 2;
  private static final int CHUNK_BYTES = 1 << 16;

  private PatternFile() {}

  /**
   * Writes patterns to a file, which is replaced if it exists.
   *
   * @param path the file
   * @param layers the pattern of each layer, by index of the layer
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the index of a layer is negative
   */
  public static void save(Path path, Map<Integer, SparsePattern> layers) throws IOException {
    SortedMap<Integer, SparsePattern> ordered = ordered(layers);
    WholeFile.write(path, out -> writeOrdered(out, ordered));
  }

  /**
   * Reads the patterns of a file.
   *
   * @param path the file
   * @return the pattern of each layer, by index of the layer, ascending; cannot be changed
   * @throws FormatException if the file is damaged or no pattern file
   * @throws IOException if the file cannot be read
   */
  public static SortedMap<Integer, SparsePattern> load(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return read(in);
    } catch (FormatException e) {
      throw new FormatException(path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes patterns to a stream, which stays open.
   *
   * @param out the stream
   * @param layers the pattern of each layer, by index of the layer
   * @throws IOException if the stream fails
   * @throws IllegalArgumentException if the index of a layer is negative
   */
  public static void write(OutputStream out, Map<Integer, SparsePattern> layers)
      throws IOException {
    writeOrdered(out, ordered(layers));
  }

  /**
   * Reads patterns from a stream to its end. The stream stays open.
   *
   * @param in the stream
   * @return the pattern of each layer, by index of the layer, ascending; cannot be changed
   * @throws FormatException if the bytes are damaged or no pattern file
   * @throws IOException if the stream fails
   */
  public static SortedMap<Integer, SparsePattern> read(InputStream in) throws IOException {
    CheckedInputStream checked =
        new CheckedInputStream(new BufferedInputStream(in, CHUNK_BYTES), new CRC32());
    try {
      return readAll(new DataInputStream(checked), checked);
    } catch (EOFException e) {
      throw new FormatException("the pattern file is cut short", e);
    }
  }

  private static SortedMap<Integer, SparsePattern> ordered(Map<Integer, SparsePattern> layers) {
    SortedMap<Integer, SparsePattern> ordered = new TreeMap<>(layers);
    checkArgument(
        ordered.isEmpty() || ordered.firstKey() >= 0,
        "the index of a layer must not be negative but is %s",
        ordered.isEmpty() ? "" : ordered.firstKey());
    return ordered;
  }

  private static void writeOrdered(OutputStream target, SortedMap<Integer, SparsePattern> layers)
      throws IOException {
    CheckedOutputStream checked = new CheckedOutputStream(target, new CRC32());
    DataOutputStream out = new DataOutputStream(checked);
    out.write(MAGIC);
    int version = version(layers);
    out.writeInt(version);
    out.writeInt(layers.size());
    for (Map.Entry<Integer, SparsePattern> layer : layers.entrySet()) {
      BlockGrid grid = layer.getValue().grid();
      out.writeInt(layer.getKey());
      out.writeInt(grid.batch());
      out.writeInt(grid.heads());
      out.writeInt(grid.queryLength());
      out.writeInt(grid.keyLength());
      out.writeInt(grid.blocks().queryTokens());
      if (version != SQUARE_BLOCKS) {
        out.writeInt(grid.blocks().keyTokens());
      }
      writeRows(out, layer.getValue());
    }
    // The sum of what was written so far; an argument is evaluated before the call writes on.
    out.writeInt((int) checked.getChecksum().getValue());
    out.flush();
  }

  /** The first version that can say all that is to be written. */
  private static int version(SortedMap<Integer, SparsePattern> layers) {
    return layers.values().stream().allMatch(pattern -> pattern.grid().blocks().isSquare())
        ? SQUARE_BLOCKS
        : ANY_BLOCKS;
  }

  private static void writeRows(DataOutputStream out, SparsePattern pattern) throws IOException {
    byte[] row = new byte[bytesPerRow(pattern.grid())];
    for (int r = 0; r < pattern.grid().rows(); r++) {
      Arrays.fill(row, (byte) 0);
      for (int keyBlock : pattern.keyBlocks(r)) {
        row[keyBlock >> 3] |= (byte) (1 << (keyBlock & 7));
      }
      out.write(row);
    }
  }

  private static ImmutableSortedMap<Integer, SparsePattern> readAll(
      DataInputStream in, CheckedInputStream checked) throws IOException {
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new FormatException("not a pattern file: it does not start as one");
    }
    int version = in.readInt();
    if (version != SQUARE_BLOCKS && version != ANY_BLOCKS) {
      throw new FormatException(
          "version "
              + version
              + " of the pattern file is unknown; this library reads "
              + SQUARE_BLOCKS
              + " and "
              + ANY_BLOCKS);
    }
    int count = in.readInt();
    if (count < 0) {
      throw new FormatException("the number of layers is negative: " + count);
    }
    ImmutableSortedMap.Builder<Integer, SparsePattern> layers = ImmutableSortedMap.naturalOrder();
    int previous = -1;
    for (int i = 0; i < count; i++) {
      int layer = in.readInt();
      if (layer <= previous) {
        throw new FormatException("layer " + layer + " comes after layer " + previous);
      }
      previous = layer;
      layers.put(layer, readPattern(in, version, layer));
    }
    int expected = (int) checked.getChecksum().getValue();
    if (in.readInt() != expected) {
      throw new FormatException("the checksum is wrong; the pattern file is damaged");
    }
    if (in.read() >= 0) {
      throw new FormatException("there are bytes after the pattern file's end");
    }
    ImmutableSortedMap<Integer, SparsePattern> read = layers.build();
    if (version != version(read)) {
      throw new FormatException(
          "the pattern file is of version "
              + version
              + ", but its patterns are written in version "
              + version(read));
    }
    return read;
  }

  private static SparsePattern readPattern(DataInputStream in, int version, int layer)
      throws IOException {
    BlockGrid grid;
    try {
      grid =
          new BlockGrid(
              in.readInt(), in.readInt(), in.readInt(), in.readInt(), readBlocks(in, version));
    } catch (IllegalArgumentException e) {
      throw new FormatException("layer " + layer + ": " + e.getMessage(), e);
    }
    long[] words = readRows(in, grid, layer);
    try {
      return SparsePattern.owning(grid, words);
    } catch (IllegalArgumentException e) {
      throw new FormatException("layer " + layer + ": " + e.getMessage(), e);
    }
  }

  private static BlockShape readBlocks(DataInputStream in, int version) throws IOException {
    return version == SQUARE_BLOCKS
        ? BlockShape.square(in.readInt())
        : new BlockShape(in.readInt(), in.readInt());
  }

  /** Reads the rows in pieces; the array grows with what has come in, not with what was said. */
  private static long[] readRows(DataInputStream in, BlockGrid grid, int layer) throws IOException {
    int wordsPerRow = BitRows.wordsPerRow(grid);
    long total = (long) grid.rows() * wordsPerRow;
    if (total > BitRows.MAX_WORDS) {
      throw new FormatException("layer " + layer + ": the pattern on " + grid + " is too large");
    }
    long[] words = new long[(int) Math.min(total, CHUNK_BYTES / Long.BYTES)];
    byte[] chunk = new byte[CHUNK_BYTES];
    int bytesPerRow = bytesPerRow(grid);
    for (int row = 0; row < grid.rows(); row++) {
      for (int from = 0; from < bytesPerRow; from += CHUNK_BYTES) {
        int length = Math.min(CHUNK_BYTES, bytesPerRow - from);
        in.readFully(chunk, 0, length);
        int start = row * wordsPerRow + from / Long.BYTES;
        int needed = start + (length + Long.BYTES - 1) / Long.BYTES;
        if (needed > words.length) {
          words = Arrays.copyOf(words, (int) Math.min(total, Math.max(2L * words.length, needed)));
        }
        for (int i = 0; i < length; i++) {
          words[start + (i >> 3)] |= (chunk[i] & 0xffL) << ((i & 7) * 8);
        }
      }
    }
    return words;
  }

  private static int bytesPerRow(BlockGrid grid) {
    return ((grid.keyBlocks() - 1) >> 3) + 1;
  }

  /** A file that should hold patterns is damaged, cut short, or no pattern file at all. */
  public static final class FormatException extends IOException {

    private static final long serialVersionUID = 1;

    /**
     * An exception that says what is wrong.
     *
     * @param message what is wrong, and where
     */
    public FormatException(String message) {
      super(message);
    }

    FormatException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
