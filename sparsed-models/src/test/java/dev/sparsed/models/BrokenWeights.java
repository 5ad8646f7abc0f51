package dev.sparsed.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** Copies of checkpoints with weights that are as large as their dtype holds. */
final class BrokenWeights {

  /** Read as bfloat16 or as float32, all bytes of this value are 3.4e38. */
  private static final byte LARGEST = 0x7f;

  private BrokenWeights() {}

  /**
   * Copies a checkpoint whose weights lie in one file, with another value of one tensor.
   *
   * @param name of the checkpoint among the test resources
   * @param tensor name of the tensor that overflows
   * @param folder where the copy goes
   */
  static Path overflowing(String name, String tensor, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(TinyModels.folder(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(Objects.requireNonNull(file.getFileName())));
      }
    }
    Path weights = folder.resolve("model.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      int length = Math.toIntExact(Long.reverseBytes(file.readLong()));
      byte[] header = new byte[length];
      file.readFully(header);
      JsonNode offsets = new ObjectMapper().readTree(header).path(tensor).path("data_offsets");
      long from = offsets.path(0).longValue();
      byte[] values = new byte[Math.toIntExact(offsets.path(1).longValue() - from)];
      Arrays.fill(values, LARGEST);
      file.seek(Long.BYTES + length + from);
      file.write(values);
    }
    return folder;
  }
}
