package dev.sparsed.pattern;

import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes PNG (RFC 2083): eight bits per colour, no filter, no interlacing. Pictures of patterns are
 * a few colours in large areas, which deflate well as they are.
 */
final class PngWriter {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int CHUNK_BYTES = 1 << 16;
  private static final byte BITS_PER_COLOUR = 8;
  private static final byte RED_GREEN_BLUE = 2;
  private static final byte NO_FILTER = 0;

  private PngWriter() {}

  static void write(PixelImage image, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.write(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(image.width()).putInt(image.height()).put(BITS_PER_COLOUR).put(RED_GREEN_BLUE);
    writeChunk(data, "IHDR", header.array(), header.capacity());
    try (DeflaterOutputStream pixels = new DeflaterOutputStream(new PixelChunks(data))) {
      byte[] line = new byte[1 + 3 * image.width()];
      for (int y = 0; y < image.height(); y++) {
        ByteBuffer row = ByteBuffer.wrap(line).put(NO_FILTER);
        for (int x = 0; x < image.width(); x++) {
          int colour = image.colour(x, y);
          row.put((byte) (colour >> 16)).put((byte) (colour >> 8)).put((byte) colour);
        }
        pixels.write(line);
      }
    }
    writeChunk(data, "IEND", new byte[0], 0);
    data.flush();
  }

  private static void writeChunk(DataOutputStream out, String name, byte[] content, int length)
      throws IOException {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(type);
    sum.update(content, 0, length);
    out.writeInt(length);
    out.write(type);
    out.write(content, 0, length);
    out.writeInt((int) sum.getValue());
  }

  /** Cuts the deflated pixels into chunks. Closing writes the last one and leaves the rest open. */
  private static final class PixelChunks extends FilterOutputStream {

    private final DataOutputStream chunks;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private int used;

    PixelChunks(DataOutputStream chunks) {
      super(chunks);
      this.chunks = chunks;
    }

    @Override
    public void write(int value) throws IOException {
      chunk[used++] = (byte) value;
      if (used == chunk.length) {
        writeOut();
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int i = offset; i < offset + length; i++) {
        write(bytes[i]);
      }
    }

    private void writeOut() throws IOException {
      if (used > 0) {
        writeChunk(chunks, "IDAT", chunk, used);
        used = 0;
      }
    }

    @Override
    public void close() throws IOException {
      writeOut();
    }
  }
}
