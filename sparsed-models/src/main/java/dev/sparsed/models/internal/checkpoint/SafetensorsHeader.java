package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks the header of a safetensors file: eight bytes of little-endian header length, a
 * JSON object of that length, then the tensors' bytes without holes.
 *
 * <p>The JSON is parsed as it streams from the file, so that memory grows with what is really there
 * and never with what a length field claims.
 */
final class SafetensorsHeader {
  /** The reference implementation's limit. */
  static final long LONGEST_HEADER = 100_000_000;

  /** More dimensions than any library's tensors have. */
  private static final int HIGHEST_RANK = 64;

  /** Far above what any file says of itself. */
  private static final int MOST_METADATA = 1 << 16;

  static final int PREFIX_BYTES = Long.BYTES;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final long dataStart;
  private final long dataLength;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();

  private SafetensorsHeader(Path file, long dataStart, long dataLength) {
    this.file = file;
    this.dataStart = dataStart;
    this.dataLength = dataLength;
  }

  /** Parses and checks the header of an open file. */
  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long fileLength = channel.size();
    if (fileLength < PREFIX_BYTES) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is no safetensors file: it has only %d bytes; download it again",
              file,
              fileLength));
    }
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (prefix.hasRemaining()) {
      if (channel.read(prefix, prefix.position()) < 0) {
        throw new CheckpointException(file + " became shorter while it was read");
      }
    }
    long headerLength = prefix.getLong(0);
    if (headerLength < 2 || headerLength > fileLength - PREFIX_BYTES) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is no safetensors file or is truncated: it announces a header of %s bytes, but %d bytes follow; %s",
              file,
              Long.toUnsignedString(headerLength),
              fileLength - PREFIX_BYTES,
              Impostor.in(file).orElse("download it again")));
    }
    if (headerLength > LONGEST_HEADER) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has a header of %d bytes; the format allows at most %d",
              file,
              headerLength,
              LONGEST_HEADER));
    }
    long dataStart = PREFIX_BYTES + headerLength;
    SafetensorsHeader header = new SafetensorsHeader(file, dataStart, fileLength - dataStart);
    header.parse(new ChannelSlice(channel, PREFIX_BYTES, headerLength));
    header.checkLayout();
    return header;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** The tensors in the order of their bytes. */
  Map<String, TensorEntry> tensors() {
    return tensors;
  }

  private void parse(InputStream bytes) throws IOException {
    Reader text =
        new InputStreamReader(
            bytes,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refused("the header is no JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("__metadata__")) {
          parseMetadata(parser);
        } else {
          parseTensor(parser, name);
        }
      }
      if (parser.nextToken() != null) {
        throw refused("something follows the JSON object");
      }
    } catch (CharacterCodingException e) {
      throw new CheckpointException(file + " has a broken header: it is not valid UTF-8", e);
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new CheckpointException(
          file + " has a broken header: " + Quoted.of(e.getOriginalMessage()), e);
    }
  }

  private void parseMetadata(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw refused("__metadata__ is no JSON object");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw refused("__metadata__ entry " + Quoted.of(key) + " is no string");
      }
      if (metadata.size() == MOST_METADATA) {
        throw refused("__metadata__ has more than " + MOST_METADATA + " entries");
      }
      metadata.put(key, parser.getText());
    }
  }

  private void parseTensor(JsonParser parser, String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw refused("the entry of tensor " + Quoted.of(name) + " is no JSON object");
    }
    TensorType type = null;
    long @Nullable [] sizes = null;
    long @Nullable [] offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> type = parseType(parser, name);
        case "shape" -> sizes = parseLongs(parser, name, field);
        case "data_offsets" -> offsets = parseLongs(parser, name, field);
        default -> parser.skipChildren();
      }
    }
    if (type == null || sizes == null || offsets == null) {
      throw refused("tensor " + Quoted.of(name) + " lacks one of dtype, shape and data_offsets");
    }
    if (tensors.put(name, entry(name, type, sizes, offsets)) != null) {
      throw refused("tensor " + Quoted.of(name) + " appears twice");
    }
  }

  private TensorType parseType(JsonParser parser, String name) throws IOException {
    String text =
        parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "(no string)";
    return TensorType.fromHeaderName(text)
        .orElseThrow(
            () ->
                refused("tensor " + Quoted.of(name) + " has the unknown dtype " + Quoted.of(text)));
  }

  private long[] parseLongs(JsonParser parser, String name, String field) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw refused("the " + field + " of tensor " + Quoted.of(name) + " is no array");
    }
    long[] values = new long[4];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw refused(
            "the "
                + field
                + " of tensor "
                + Quoted.of(name)
                + " holds something other than integers");
      }
      if (count == HIGHEST_RANK) {
        throw refused(
            String.format(
                Locale.ROOT,
                "the %s of tensor %s has more than %d entries",
                field,
                Quoted.of(name),
                HIGHEST_RANK));
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = parser.getLongValue();
    }
    return Arrays.copyOf(values, count);
  }

  private TensorEntry entry(String name, TensorType type, long[] sizes, long[] offsets) {
    TensorShape shape;
    long bits;
    try {
      shape = TensorShape.of(sizes);
      bits = Math.multiplyExact(shape.elements(), (long) type.bits());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has a broken header: tensor %s has the impossible shape %s",
              file,
              Quoted.of(name),
              Arrays.toString(sizes)),
          e);
    }
    if (offsets.length != 2
        || offsets[0] < 0
        || offsets[1] < offsets[0]
        || offsets[1] > dataLength) {
      throw refused(
          String.format(
              Locale.ROOT,
              "tensor %s claims the bytes %s of the %d that the file has; if it is truncated, download it again",
              Quoted.of(name),
              Arrays.toString(offsets),
              dataLength));
    }
    long length = offsets[1] - offsets[0];
    if (bits % Byte.SIZE != 0 || length != bits / Byte.SIZE) {
      throw refused(
          String.format(
              Locale.ROOT,
              "tensor %s has %d bytes, but %s of shape %s needs %d",
              Quoted.of(name),
              length,
              type.headerName(),
              shape,
              bits / Byte.SIZE));
    }
    return new TensorEntry(name, type, shape, dataStart + offsets[0], length);
  }

  /**
   * The format asks for bytes without holes and overlaps, from the header's end to the end of the
   * file.
   */
  private void checkLayout() {
    List<TensorEntry> ordered = new ArrayList<>(tensors.values());
    ordered.sort(
        Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::byteLength));
    long end = dataStart;
    tensors.clear();
    for (TensorEntry entry : ordered) {
      if (entry.offset() != end) {
        throw refused(
            String.format(
                Locale.ROOT,
                "tensor %s begins at byte %d of the data, but the one before it ends at %d",
                Quoted.of(entry.name()),
                entry.offset() - dataStart,
                end - dataStart));
      }
      end += entry.byteLength();
      tensors.put(entry.name(), entry);
    }
    if (end != dataStart + dataLength) {
      throw refused(
          String.format(
              Locale.ROOT,
              "its tensors end at byte %d of the data, but the file has %d",
              end - dataStart,
              dataLength));
    }
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(file + " has a broken header: " + what);
  }

  /** A part of a file as a stream, read by position so that the channel keeps none. */
  private static final class ChannelSlice extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;

    ChannelSlice(FileChannel channel, long start, long length) {
      this.channel = channel;
      this.position = start;
      this.end = start + length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (position >= end) {
        return -1;
      }
      int wanted = (int) Math.min(length, end - position);
      int count = channel.read(ByteBuffer.wrap(target, offset, wanted), position);
      position += Math.max(count, 0);
      return count;
    }
  }
}
