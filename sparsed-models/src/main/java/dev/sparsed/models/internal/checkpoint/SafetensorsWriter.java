package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/** Writes safetensors files, holding no more than one chunk of their content at a time. */
final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 24;
  private static final int PART_BYTES = 1 << 18;
  private static final int ALIGNMENT = 8;

  private final ByteBuffer chunk =
      ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final LongConsumer written;

  /** The consumer learns of every piece of tensor content written, by its length in bytes. */
  SafetensorsWriter(LongConsumer written) {
    this.written = written;
  }

  /** Writes a new file; one that is there already is not touched. */
  void write(Path file, List<TensorSource> tensors) throws IOException {
    write(file, tensors, Map.of());
  }

  /** The same with more metadata. */
  void write(Path file, List<TensorSource> tensors, Map<String, String> metadata)
      throws IOException {
    // Wider elements first, as the reference writer has it: so every tensor is aligned to its
    // element.
    List<TensorSource> ordered =
        tensors.stream()
            .sorted(Comparator.comparingInt((TensorSource tensor) -> -tensor.type().bits()))
            .toList();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(channel, header(ordered, metadata));
      for (TensorSource tensor : ordered) {
        writeContent(channel, tensor);
      }
    }
  }

  private static ByteBuffer header(List<TensorSource> tensors, Map<String, String> metadata) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode told = json.putObject("__metadata__").put("format", "pt");
    metadata.forEach(told::put);
    long offset = 0;
    for (TensorSource tensor : tensors) {
      ObjectNode entry = json.putObject(tensor.name()).put("dtype", tensor.type().headerName());
      ArrayNode shape = entry.putArray("shape");
      for (long size : tensor.shape().toArray()) {
        shape.add(size);
      }
      entry.putArray("data_offsets").add(offset).add(offset + tensor.byteLength());
      offset += tensor.byteLength();
    }
    byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(-text.length, ALIGNMENT);
    ByteBuffer header =
        ByteBuffer.allocate(SafetensorsHeader.PREFIX_BYTES + text.length + padding)
            .order(ByteOrder.LITTLE_ENDIAN);
    header.putLong((long) text.length + padding).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private void writeContent(FileChannel channel, TensorSource tensor) throws IOException {
    int elementBytes = tensor.type().bits() / Byte.SIZE;
    long length = tensor.byteLength();
    for (long start = 0; start < length; start += CHUNK_BYTES) {
      int count = (int) Math.min(CHUNK_BYTES, length - start);
      long from = start;
      IntStream.range(0, (count + PART_BYTES - 1) / PART_BYTES)
          .parallel()
          .forEach(
              part -> {
                int position = part * PART_BYTES;
                ByteBuffer target =
                    chunk
                        .slice(position, Math.min(PART_BYTES, count - position))
                        .order(ByteOrder.LITTLE_ENDIAN);
                tensor.content().write((from + position) / elementBytes, target);
                if (target.hasRemaining()) {
                  throw new IllegalStateException(
                      "the content of tensor " + tensor.name() + " stopped short");
                }
              });
      writeFully(channel, chunk.duplicate().position(0).limit(count));
      written.accept(count);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
