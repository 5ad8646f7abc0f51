package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sparsed.models.CheckpointException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.bytedeco.pytorch.Tensor;

/**
 * Damaged and invented files: each is either read, to tensors of exactly the bytes that the file
 * has, or refused with a {@link CheckpointException}; never with another exception, a crash, or
 * memory out of proportion to the file.
 */
class HostileFilesFuzzTest {
  private static final int TRIES = 250;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @SuppressWarnings("NullAway.Init")
  private static Path folder;

  @SuppressWarnings("NullAway.Init")
  private static byte[] valid;

  @BeforeContainer
  static void writeValidFile() throws IOException {
    folder = Files.createTempDirectory("hostile");
    Path file = folder.resolve("valid.safetensors");
    new SafetensorsWriter(bytes -> {})
        .write(
            file,
            java.util.List.of(
                TensorSource.normal("first", TensorShape.of(3, 5), TensorType.F32, 1, 1),
                TensorSource.normal("second.weight", TensorShape.of(7), TensorType.BF16, 1, 1),
                TensorSource.constant("scalar", TensorShape.of(), TensorType.F16, 1),
                TensorSource.constant("empty", TensorShape.of(0, 4), TensorType.F16, 1)));
    valid = Files.readAllBytes(file);
    // The first tensor loads LibTorch, which allocates on its own account.
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      opened.load("first").close();
    }
  }

  @AfterContainer
  static void deleteFiles() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Property(tries = TRIES)
  void changedBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int changes)
      throws IOException {
    Random random = new Random(seed);
    byte[] bytes = valid.clone();
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    readOrRefuse(bytes);
  }

  @Property(tries = TRIES)
  void changedHeaderText(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int changes)
      throws IOException {
    Random random = new Random(seed);
    String alphabet = "0123456789-{}[]\",:eEFBI.nul \u0000\u00ff\u20ac";
    StringBuilder header = new StringBuilder(validHeader());
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(header.length());
      char c = alphabet.charAt(random.nextInt(alphabet.length()));
      switch (random.nextInt(3)) {
        case 0 -> header.setCharAt(at, c);
        case 1 -> header.insert(at, c);
        default -> header.deleteCharAt(at);
      }
    }
    readOrRefuse(withHeader(header.toString().getBytes(StandardCharsets.UTF_8)));
  }

  @Property(tries = TRIES)
  void changedNumbers(@ForAll long seed, @ForAll long number) throws IOException {
    Random random = new Random(seed);
    String[] parts = validHeader().split("(?<=\\D)(?=\\d)|(?<=\\d)(?=\\D)", -1);
    int[] numbers =
        java.util.stream.IntStream.range(0, parts.length)
            .filter(i -> !parts[i].isEmpty() && Character.isDigit(parts[i].charAt(0)))
            .toArray();
    parts[numbers[random.nextInt(numbers.length)]] = Long.toString(number);
    readOrRefuse(withHeader(String.join("", parts).getBytes(StandardCharsets.UTF_8)));
  }

  @Property(tries = TRIES)
  void swappedParts(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    String[] parts = validHeader().split("(?<=[,:\\[\\]{}])", -1);
    for (int i = 0; i < 2; i++) {
      parts[random.nextInt(parts.length)] = parts[random.nextInt(parts.length)];
    }
    readOrRefuse(withHeader(String.join("", parts).getBytes(StandardCharsets.UTF_8)));
  }

  @Property(tries = TRIES)
  void claimedHeaderLength(@ForAll long length) throws IOException {
    byte[] bytes = valid.clone();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    readOrRefuse(bytes);
  }

  @Property(tries = TRIES)
  void truncated(@ForAll @IntRange(max = 400) int length) throws IOException {
    byte[] bytes = Arrays.copyOf(valid, Math.min(length, valid.length));
    boolean read = readOrRefuse(bytes);
    assertEquals(bytes.length == valid.length, read);
  }

  @Property(tries = TRIES)
  void randomBytes(@ForAll @Size(max = 300) byte[] bytes) throws IOException {
    readOrRefuse(bytes);
  }

  @Property(tries = TRIES)
  void randomHeader(@ForAll @Size(min = 2, max = 300) byte[] header) throws IOException {
    readOrRefuse(withHeader(header));
  }

  @Property(tries = TRIES)
  void changedConfiguration(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int changes)
      throws IOException {
    Random random = new Random(seed);
    StringBuilder text =
        new StringBuilder(PublishedJson.config(PublishedModels.DREAM_7B).toString());
    for (int i = 0; i < changes; i++) {
      text.setCharAt(
          random.nextInt(text.length()),
          (char) random.nextInt(random.nextBoolean() ? 128 : 0x10000));
    }
    Path file =
        Files.write(
            folder.resolve("config.json"), text.toString().getBytes(StandardCharsets.UTF_8));
    try {
      ModelLayout.of(
          ConfigClasses.parse(JsonFiles.read(file, Checkpoint.LONGEST_CONFIG), "config.json"));
    } catch (CheckpointException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("config.json"), e.getMessage());
    }
  }

  private static String validHeader() {
    int length = (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return new String(valid, 8, length, StandardCharsets.UTF_8);
  }

  private static byte[] withHeader(byte[] header) {
    int dataStart = 8 + validHeader().length();
    return ByteBuffer.allocate(8 + header.length + valid.length - dataStart)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(valid, dataStart, valid.length - dataStart)
        .array();
  }

  /** Whether the file was read. */
  private static boolean readOrRefuse(byte[] bytes) throws IOException {
    Path path = Files.write(folder.resolve("hostile.safetensors"), bytes);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (TensorEntry entry : file.tensors().values()) {
        if (entry.type().scalarType().isPresent()) {
          try (Tensor tensor = file.load(entry.name())) {
            assertEquals(entry.byteLength(), tensor.nbytes());
          }
        }
      }
      return true;
    } catch (CheckpointException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("hostile.safetensors"), e.getMessage());
      return false;
    } finally {
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertTrue(
          allocated < 8_000_000, "allocated " + allocated + " bytes for a file of " + bytes.length);
    }
  }
}
