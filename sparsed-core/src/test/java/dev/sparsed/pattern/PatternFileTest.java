package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class PatternFileTest {

  @Provide
  Arbitrary<List<SparsePattern>> layers() {
    return Patterns.patterns().list().ofMaxSize(4);
  }

  private static Map<Integer, SparsePattern> indexed(List<SparsePattern> patterns, long seed) {
    Random random = new Random(seed);
    Map<Integer, SparsePattern> layers = new TreeMap<>();
    int layer = 0;
    for (SparsePattern pattern : patterns) {
      layer += random.nextInt(3);
      layers.put(layer++, pattern);
    }
    return layers;
  }

  private static byte[] bytes(Map<Integer, SparsePattern> layers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PatternFile.write(out, layers);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static Map<Integer, SparsePattern> read(byte[] bytes) throws IOException {
    return PatternFile.read(new ByteArrayInputStream(bytes));
  }

  @Property(tries = 200)
  void whatWasWrittenIsRead(@ForAll("layers") List<SparsePattern> patterns, @ForAll long seed)
      throws IOException {
    Map<Integer, SparsePattern> layers = indexed(patterns, seed);
    byte[] bytes = bytes(layers);
    assertEquals(layers, read(bytes));
    int size = 8 + 4 + 4 + 4;
    boolean square = patterns.stream().allMatch(pattern -> pattern.grid().blocks().isSquare());
    assertEquals(square ? 1 : 2, ByteBuffer.wrap(bytes).getInt(8));
    for (SparsePattern pattern : patterns) {
      BlockGrid grid = pattern.grid();
      size += (square ? 24 : 28) + grid.rows() * ((grid.keyBlocks() + 7) / 8);
    }
    assertEquals(size, bytes.length);
  }

  /** A CRC finds every error within 32 neighbouring bits. */
  @Property(tries = 500)
  void aChangedByteIsFound(
      @ForAll("layers") List<SparsePattern> patterns,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 255) int change) {
    byte[] bytes = bytes(indexed(patterns, seed));
    bytes[new Random(seed).nextInt(bytes.length)] ^= (byte) change;
    assertThrows(PatternFile.FormatException.class, () -> read(bytes));
  }

  @Property(tries = 200)
  void aFileCutShortOrExtendedIsRefused(
      @ForAll("layers") List<SparsePattern> patterns, @ForAll long seed) {
    byte[] bytes = bytes(indexed(patterns, seed));
    int length = new Random(seed).nextInt(bytes.length);
    assertThrows(PatternFile.FormatException.class, () -> read(Arrays.copyOf(bytes, length)));
    assertThrows(
        PatternFile.FormatException.class, () -> read(Arrays.copyOf(bytes, bytes.length + 1)));
  }

  /** Someone who knows the form can make the checksum right; then the content must still hold. */
  @Property(tries = 1000)
  void anAttackersFileIsRefusedOrIsAPatternFile(
      @ForAll("layers") List<SparsePattern> patterns, @ForAll long seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = bytes(indexed(patterns, seed));
    int body = bytes.length - 4;
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = 8 + random.nextInt(body - 8);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        default -> {
          int[] values = {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 16, 1 << 24};
          int start = Math.max(8, Math.min(at / 4 * 4, body - 4));
          ByteBuffer.wrap(bytes).putInt(start, values[random.nextInt(values.length)]);
        }
      }
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, body);
    ByteBuffer.wrap(bytes).putInt(body, (int) crc.getValue());
    Map<Integer, SparsePattern> layers;
    try {
      layers = read(bytes);
    } catch (PatternFile.FormatException refused) {
      assertTrue(!String.valueOf(refused.getMessage()).isBlank());
      return;
    }
    assertArrayEquals(bytes, bytes(layers), "one set of patterns has one form");
  }

  @Example
  void aLaterVersionThanThePatternsNeedIsRefused() {
    byte[] bytes = bytes(Map.of());
    ByteBuffer.wrap(bytes).putInt(8, 2);
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, bytes.length - 4);
    ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());
    String message =
        String.valueOf(
            assertThrows(PatternFile.FormatException.class, () -> read(bytes)).getMessage());
    assertTrue(message.contains("version 2") && message.contains("version 1"), message);
  }

  @Property(tries = 300)
  void randomBytesAreRefused(@ForAll byte[] bytes) {
    assertThrows(PatternFile.FormatException.class, () -> read(bytes));
  }

  /** Headers that announce gigabytes, with nothing behind them. */
  @Example
  void nothingIsAllocatedOnTheWordOfAHeader() throws IOException {
    int max = Integer.MAX_VALUE;
    int[][] grids = {
      {1, 1, max - 64, 64, 1}, // 16 GiB of words in many short rows
      {1, 1, 1, max, 1}, // one row of 256 MiB
      {1, 1, 8, max, 1}, // eight such rows
      {max, 1, 1, 1, 1},
      {1, 1, max, max, 1}, // more than an array holds
      {max, max, max, max, 1}
    };
    for (int[] grid : grids) {
      ByteArrayOutputStream header = header(1);
      DataOutputStream out = new DataOutputStream(header);
      out.writeInt(0);
      for (int size : grid) {
        out.writeInt(size);
      }
      out.write(new byte[100]);
      long before = allocated();
      assertThrows(PatternFile.FormatException.class, () -> read(header.toByteArray()));
      assertTrue(allocated() - before < 4 << 20, () -> allocated() - before + " bytes");
    }
    byte[] manyLayers = header(max).toByteArray();
    assertThrows(PatternFile.FormatException.class, () -> read(manyLayers));
  }

  private static ByteArrayOutputStream header(int layers) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(bytes(Map.of()), 0, 8);
    out.writeInt(1);
    out.writeInt(layers);
    return bytes;
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Example
  void filesGoThroughTheFileSystem() throws IOException {
    Path directory = Files.createTempDirectory("patterns");
    Path file = directory.resolve("layers.spd");
    try {
      Map<Integer, SparsePattern> layers =
          Map.of(7, Patterns.random(BlockGrid.square(2, 3, 1000, 7), 1));
      PatternFile.save(file, Map.of());
      PatternFile.save(file, layers);
      assertEquals(layers, PatternFile.load(file));
      Files.write(file, new byte[] {1, 2, 3});
      Exception refused =
          assertThrows(PatternFile.FormatException.class, () -> PatternFile.load(file));
      assertTrue(String.valueOf(refused.getMessage()).startsWith(file.toString()));
      Files.delete(file);
      assertThrows(NoSuchFileException.class, () -> PatternFile.load(file));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(directory);
    }
  }

  @Example
  void aFailingStreamIsNotMistakenForABadFile() {
    IOException failure = new IOException("the disk is gone");
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw failure;
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            throw failure;
          }
        };
    assertEquals(failure, assertThrows(IOException.class, () -> PatternFile.read(broken)));
  }

  @Example
  void layersCannotBeNegative() {
    SparsePattern pattern = SparsePattern.dense(BlockGrid.square(1, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> PatternFile.write(new ByteArrayOutputStream(), Map.of(-1, pattern)));
  }
}
