package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One safetensors file, its header checked, its tensors read on demand straight into the memory of
 * the tensors that are asked for.
 *
 * <p>The file is read by position rather than mapped. A mapped page that cannot be read, because
 * the disk fails or somebody cuts the file short, ends the process in native code and in Java
 * arrives as an error at some later instruction; a read that fails is an exception here and now.
 * Nor can Java 17 unmap, so that the whole model would count as this process's memory.
 *
 * <p>May be used by several threads at once. Tensors loaded from it own their memory and outlive
 * it.
 */
public final class SafetensorsFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final Map<String, String> metadata;
  private final Map<String, TensorEntry> tensors;

  private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.metadata = Collections.unmodifiableMap(header.metadata());
    this.tensors = Collections.unmodifiableMap(header.tensors());
  }

  /**
   * Opens a file and checks its header.
   *
   * @param path the file
   * @return the file, to be closed by the caller
   * @throws CheckpointException if it is not there, cannot be read or breaks the format
   */
  public static SafetensorsFile open(Path path) {
    FileFailure.whyNoFile(path)
        .ifPresent(
            why -> {
              throw new CheckpointException(
                  path
                      + " cannot be read: "
                      + why
                      + "; an interrupted download is resumed by running it again");
            });
    FileChannel channel = null;
    boolean opened = false;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      SafetensorsFile file =
          new SafetensorsFile(path, channel, SafetensorsHeader.read(path, channel));
      opened = true;
      return file;
    } catch (IOException e) {
      throw FileFailure.unreadable(path, e);
    } finally {
      if (!opened) {
        closeQuietly(channel);
      }
    }
  }

  /**
   * The file's place.
   *
   * @return the path it was opened with
   */
  public Path path() {
    return path;
  }

  /**
   * The free-form text entries of the header.
   *
   * @return key to value, in the file's order
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The tensors in the file.
   *
   * @return name to entry, in the order of their bytes
   */
  public Map<String, TensorEntry> tensors() {
    return tensors;
  }

  /**
   * One tensor's entry.
   *
   * @param name the tensor's name
   * @return its entry
   * @throws CheckpointException if the file has no such tensor
   */
  public TensorEntry tensor(String name) {
    TensorEntry entry = tensors.get(name);
    if (entry == null) {
      throw new CheckpointException(path + " holds no tensor " + Quoted.of(name));
    }
    return entry;
  }

  /**
   * Reads a tensor in the type it is stored in, into host memory.
   *
   * @param name the tensor's name
   * @return the tensor, contiguous, in its stored shape; it owns its memory, is attached to no
   *     {@code PointerScope} and must be closed by the caller
   * @throws CheckpointException if the file has no such tensor, its type has no LibTorch
   *     counterpart, or reading fails
   */
  public Tensor load(String name) {
    TensorEntry entry = tensor(name);
    ScalarType stored = TensorMemory.storedType(this, entry);
    try (Device cpu = new Device(DeviceType.CPU)) {
      return TensorMemory.load(this, entry, stored, cpu);
    }
  }

  /**
   * Reads a tensor into the wanted type and onto the wanted device. Beside the result, the host
   * holds at most one chunk of 64 MiB.
   *
   * @param name the tensor's name
   * @param dtype the type of the result; converted as LibTorch converts where the file stores
   *     another
   * @param device the device of the result
   * @return the tensor, contiguous, in its stored shape; it owns its memory, is attached to no
   *     {@code PointerScope} and must be closed by the caller
   * @throws CheckpointException if the file has no such tensor, its type has no LibTorch
   *     counterpart, reading fails, or the device has no room for it
   */
  public Tensor load(String name, ScalarType dtype, Device device) {
    return TensorMemory.load(this, tensor(name), dtype, device);
  }

  /**
   * Copies part of a tensor's bytes, as stored (little-endian), into a buffer until it is full.
   *
   * @param name the tensor's name
   * @param from the first byte to copy, counted from the tensor's first
   * @param target filled from its position to its limit
   * @throws CheckpointException if the file has no such tensor or cannot be read
   * @throws IndexOutOfBoundsException if the bytes asked for are not all the tensor's
   */
  public void read(String name, long from, ByteBuffer target) {
    read(tensor(name), from, target);
  }

  void read(TensorEntry entry, long from, ByteBuffer target) {
    Objects.checkFromIndexSize(from, (long) target.remaining(), entry.byteLength());
    long position = entry.offset() + from;
    try {
      while (target.hasRemaining()) {
        int count = channel.read(target, position);
        if (count < 0) {
          throw new IOException("the file became shorter since it was opened");
        }
        position += count;
      }
    } catch (IOException e) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "Tensor %s cannot be read from %s: %s",
              Quoted.of(entry.name()),
              path,
              FileFailure.reason(path, e)),
          e);
    }
  }

  /** Closes the file. Tensors loaded from it stay valid. */
  @Override
  public void close() {
    closeQuietly(channel);
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      // Only read from: nothing is lost.
      return;
    }
  }
}
