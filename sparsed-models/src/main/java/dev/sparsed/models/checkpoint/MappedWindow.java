package dev.sparsed.models.checkpoint;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * A part of a file mapped into memory until it is closed.
 *
 * <p>Java 17 unmaps only when the collector gets round to it; loading a model would meanwhile let
 * its whole file count as this process's memory. Closing unmaps at once where the JVM offers it.
 */
final class MappedWindow implements AutoCloseable {
  private static final Optional<MethodHandle> UNMAP = findUnmap();

  private final MappedByteBuffer bytes;
  private boolean open = true;

  private MappedWindow(MappedByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * Maps {@code length} bytes that exist in the file; a map beyond its end would fault on access.
   */
  static MappedWindow map(FileChannel channel, long position, int length) throws IOException {
    if (position + length > channel.size()) {
      throw new IOException("the file became shorter since it was opened");
    }
    return new MappedWindow(channel.map(FileChannel.MapMode.READ_ONLY, position, length));
  }

  /**
   * Copies the whole window. The copy is Java's own because the JVM turns a page that cannot be
   * read (a failing disk, a file cut short meanwhile) into an error there; in native code it would
   * end the process.
   */
  void copyTo(ByteBuffer target) throws IOException {
    try {
      target.put(bytes.duplicate());
    } catch (InternalError e) {
      throw new IOException("the file could not be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (open && UNMAP.isPresent()) {
      try {
        UNMAP.get().invoke(bytes);
      } catch (Throwable e) {
        throw new IllegalStateException("cannot unmap a file", e);
      }
    }
    open = false;
  }

  private static Optional<MethodHandle> findUnmap() {
    try {
      Class<?> unsafeClass = Class.forName("sun.misc.Unsafe");
      Field instance = unsafeClass.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      MethodHandle unmap =
          MethodHandles.lookup()
              .findVirtual(
                  unsafeClass, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
              .bindTo(instance.get(null));
      return Optional.of(unmap);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
