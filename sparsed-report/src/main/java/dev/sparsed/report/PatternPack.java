package dev.sparsed.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * The blocks that all heads of some selections read, compressed, in base64.
 *
 * <p>Cells lie column after column, because a key block that one query block reads is mostly read
 * by its neighbours too, so that columns are runs: patterns of a trained model take about half the
 * room that they take row after row. A cell is a block, one bit. Where that would be more than
 * {@link #MOST_CHARACTERS}, it is a square of blocks, and a byte holds the share of them that is
 * read, so that a page has a bounded size whatever the patterns are.
 *
 * @param scale blocks along a cell's side
 * @param offsets where the cells of each selection start, in bytes before compression
 * @param text the base64
 */
record PatternPack(int scale, List<Long> offsets, String text) {

  /** Room in the page: with style, scripts and texts it stays below 15 MB. */
  static final int MOST_CHARACTERS = 13_000_000;

  static PatternPack of(List<Selection> selections) {
    for (int scale = 1; ; scale *= 2) {
      Bounded packed = new Bounded(MOST_CHARACTERS);
      try {
        List<Long> offsets = write(selections, scale, packed);
        return new PatternPack(scale, offsets, packed.text());
      } catch (FullException e) {
        // Coarser cells take less.
      } catch (IOException e) {
        throw new UncheckedIOException("memory cannot be written", e);
      }
    }
  }

  private static List<Long> write(List<Selection> selections, int scale, OutputStream packed)
      throws IOException {
    List<Long> offsets = new ArrayList<>();
    long offset = 0;
    try (OutputStream out = new GZIPOutputStream(Base64.getEncoder().wrap(packed), 1 << 16)) {
      for (Selection selection : selections) {
        offsets.add(offset);
        for (var layer : selection.layers()) {
          LayerBits bits = LayerBits.of(layer);
          for (int head = 0; head < bits.grid().heads(); head++) {
            byte[] cells = scale == 1 ? columns(bits, head) : shares(bits, head, scale);
            out.write(cells);
            offset += cells.length;
          }
        }
      }
    }
    return offsets;
  }

  /** Column after column, query block i at bit {@code i % 8} of byte {@code i / 8}. */
  private static byte[] columns(LayerBits bits, int head) {
    int rows = bits.grid().queryBlocks();
    int columnBytes = (rows + 7) / 8;
    byte[] cells = new byte[bits.grid().keyBlocks() * columnBytes];
    for (int row = 0; row < rows; row++) {
      int first = bits.row(head, row);
      for (int word = 0; word < bits.rowWords(); word++) {
        for (long left = bits.words()[first + word]; left != 0; left &= left - 1) {
          int column = word * Long.SIZE + Long.numberOfTrailingZeros(left);
          cells[column * columnBytes + row / 8] |= (byte) (1 << row % 8);
        }
      }
    }
    return cells;
  }

  /** Column after column, a byte per cell: 255 where all of its blocks are read. */
  private static byte[] shares(LayerBits bits, int head, int scale) {
    int rows = bits.grid().queryBlocks();
    int columns = bits.grid().keyBlocks();
    int cellRows = cells(rows, scale);
    int[] read = new int[cellRows * cells(columns, scale)];
    for (int row = 0; row < rows; row++) {
      int first = bits.row(head, row);
      for (int word = 0; word < bits.rowWords(); word++) {
        for (long left = bits.words()[first + word]; left != 0; left &= left - 1) {
          int column = word * Long.SIZE + Long.numberOfTrailingZeros(left);
          read[column / scale * cellRows + row / scale]++;
        }
      }
    }
    byte[] cells = new byte[read.length];
    for (int cell = 0; cell < cells.length; cell++) {
      int height = Math.min(scale, rows - cell % cellRows * scale);
      int width = Math.min(scale, columns - cell / cellRows * scale);
      cells[cell] = (byte) Math.round(255.0 * read[cell] / (height * width));
    }
    return cells;
  }

  /** Cells along a side of so many blocks. */
  static int cells(int blocks, int scale) {
    return (blocks + scale - 1) / scale;
  }

  /** Memory that takes so many bytes and no more. */
  private static final class Bounded extends OutputStream {

    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private final int most;

    Bounded(int most) {
      this.most = most;
    }

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      if (held.size() + length > most) {
        throw new FullException();
      }
      held.write(bytes, from, length);
    }

    String text() {
      return held.toString(StandardCharsets.US_ASCII);
    }
  }

  private static final class FullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FullException() {
      super("full", null, false, false);
    }
  }
}
