package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @Test
  void readsNamesShapesTypesAndMetadata() {
    Path file =
        file(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"b\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[4,8]},"
                + "\"a\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]},"
                + "\"none\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[8,8]}}   ",
            8);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertEquals(List.of("a", "b", "none"), List.copyOf(opened.tensors().keySet()));
      assertEquals(Map.of("format", "pt"), opened.metadata());
      assertEquals(TensorShape.of(2, 1), opened.tensor("a").shape());
      try (Tensor scalar = opened.load("b");
          Tensor empty = opened.load("none")) {
        assertEquals(0, scalar.dim());
        assertEquals(0x07060504, scalar.item_int());
        assertArrayEquals(new long[] {3, 0}, empty.sizes().vec().get());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          [];                                                                        no JSON object
          {"a":3};                                                                   no JSON object
          {"a":{"dtype":"F32","shape":[2]}};                                         lacks one of
          {"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}};                    unknown dtype "F99"
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}};                   impossible shape
          {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}};  impossible shape
          {"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,8]}};  impossible shape
          {"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}};  impossible shape
          {"a":{"dtype":"F32","shape":[1e1],"data_offsets":[0,8]}};                  other than integers
          {"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}; out of range
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}};                    claims the bytes
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}};                   claims the bytes
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}};                      claims the bytes
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}};                   claims the bytes
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}};                    needs 8
          {"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}};                    needs
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}};                    but the file has 8
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}};                    begins at byte 4
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}; begins at byte 4
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}; Duplicate field
          {"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}};      Duplicate field
          {"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}; no string
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {};                 something follows
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]};                     broken header
          """)
  void brokenHeadersAreRefusedByTheirFault(String header, String fault) {
    String message = Refusal.of(() -> SafetensorsFile.open(file(header, 8)).close());
    assertTrue(message.contains("model.safetensors"), message);
    assertTrue(message.contains(fault), message);
  }

  @Test
  void listsOfAnyLengthAreRefusedWhileTheyAreRead() {
    String many = "1,".repeat(1000) + "1";
    for (String lists :
        List.of("\"shape\":[%s],\"data_offsets\":[0,8]", "\"shape\":[2],\"data_offsets\":[%s]")) {
      String header = "{\"a\":{\"dtype\":\"F32\"," + String.format(Locale.ROOT, lists, many) + "}}";
      String message = Refusal.of(() -> SafetensorsFile.open(file(header, 8)).close());
      assertTrue(message.contains("more than 64 entries"), message);
    }
  }

  @Test
  void metadataWithoutEndIsRefused() {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i < 70_000; i++) {
      header.append(i == 0 ? "\"" : ",\"").append(i).append("\":\"\"");
    }
    String message =
        Refusal.of(() -> SafetensorsFile.open(file(header.append("}}").toString(), 0)).close());
    assertTrue(message.contains("__metadata__ has more than"), message);
  }

  @Test
  void headerThatIsNoUtf8IsRefused() {
    byte[] header =
        "{\"a?\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            .getBytes(StandardCharsets.UTF_8);
    header[3] = (byte) 0xc3;
    String message = Refusal.of(() -> SafetensorsFile.open(file(header.length, header, 8)).close());
    assertTrue(message.contains("UTF-8"), message);
  }

  @Test
  void headerInUtf16IsRefused() {
    byte[] header = "{}".getBytes(StandardCharsets.UTF_16LE);
    Refusal.of(() -> SafetensorsFile.open(file(header.length, header, 0)).close());
  }

  @ParameterizedTest
  @CsvSource({"-1", "0", "1", "1000", "9223372036854775807", "-9223372036854775808", "100000001"})
  void headerLengthsBeyondTheFileAreRefused(long length) {
    Refusal.of(() -> SafetensorsFile.open(file(length, new byte[] {'{', '}'}, 0)).close());
  }

  @Test
  void headerLongerThanTheFormatAllowsIsRefusedWithoutReadingIt() throws IOException {
    Path file = folder.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer length =
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 3L << 30);
      channel.write(length, 0);
      channel.write(ByteBuffer.allocate(1), 4L << 30);
    }
    assertTrue(Refusal.of(() -> SafetensorsFile.open(file).close()).contains("at most 100000000"));
  }

  @Test
  void tensorBeyondTwoGibibytesIsReadAtItsFarEnd() throws IOException {
    long elements = (1L << 31) + 16;
    Path file = folder.resolve("large.safetensors");
    byte[] header =
        String.format(
                Locale.ROOT,
                "{\"big\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}",
                elements,
                elements)
            .getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length), 0);
      channel.write(ByteBuffer.wrap(header), 8);
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 8 + header.length + elements - 3);
    }
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      ByteBuffer end = ByteBuffer.allocate(4);
      opened.read("big", elements - 4, end);
      assertArrayEquals(new byte[] {0, 1, 2, 3}, end.array());
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> opened.read("big", elements - 3, ByteBuffer.allocate(4)));
    }
  }

  @Test
  void fileCutShortAfterOpeningIsAnExceptionThatNamesTheTensor() throws IOException {
    Path file = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() - 1);
      }
      String message = Refusal.of(() -> opened.load("a").close());
      assertTrue(message.contains("\"a\"") && message.contains("shorter"), message);
    }
  }

  @Test
  void typesWithoutALibTorchCounterpartAreListedButNotLoaded() {
    Path file = file("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}", 8);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertEquals(TensorType.F8_E4M3, opened.tensor("a").type());
      assertTrue(Refusal.of(() -> opened.load("a").close()).contains("F8_E4M3"));
    }
  }

  @Test
  void absentFilesAndFoldersAreRefused() {
    assertTrue(
        Refusal.of(() -> SafetensorsFile.open(folder.resolve("none")).close())
            .contains("not there"));
    Refusal.of(() -> SafetensorsFile.open(folder).close());
  }

  @Test
  void loadingAndClosingKeepsNativeMemoryFlat() throws InterruptedException {
    Path path = Goldens.checkpoint("tiny-dream").resolve("model.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      long before = 0;
      for (int round = 0; round < 60; round++) {
        if (round == 10) {
          before = settledCount();
        }
        for (String name : file.tensors().keySet()) {
          file.load(name).close();
        }
      }
      assertEquals(before, Pointer.totalCount());
    }
  }

  /** Native objects, those that earlier tests left to the collector gone. */
  private static long settledCount() throws InterruptedException {
    long count = Pointer.totalCount();
    for (int same = 0; same < 3; ) {
      System.gc();
      Thread.sleep(20);
      long now = Pointer.totalCount();
      same = now == count ? same + 1 : 0;
      count = now;
    }
    return count;
  }

  private Path file(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return file(text.length, text, dataBytes);
  }

  private Path file(long headerLength, byte[] header, int dataBytes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).array());
    bytes.writeBytes(header);
    for (int i = 0; i < dataBytes; i++) {
      bytes.write(i);
    }
    try {
      return Files.write(folder.resolve("model.safetensors"), bytes.toByteArray());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
