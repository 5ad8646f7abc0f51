package dev.sparsed.cuda;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The driver of the emulated device (src/test/emulator): a process that runs the kernels' own
 * source on the CPU and watches every access. An error there is thrown as {@link CudaException}.
 */
public final class EmulatedDriver implements Driver, AutoCloseable {

  /** In which order the emulator runs threads between two barriers. */
  public enum Order {
    FORWARD(0),
    REVERSED(1),
    SHUFFLED(2);

    private final int code;

    Order(int code) {
      this.code = code;
    }
  }

  /** This module's folder, seen from its own tests or from those of another module. */
  private static final Path MODULE =
      Path.of(Files.isDirectory(Path.of("src/test/emulator")) ? "" : "../sparsed-cuda")
          .toAbsolutePath();

  private static final Path SOURCES = MODULE.resolve("src/test/emulator");
  private static final Path KERNELS = MODULE.resolve("src/main/cuda");
  private static final Path BINARY = MODULE.resolve("target/emulator/emulator");
  private static final int BUILD_MINUTES = 10;

  private static boolean built;

  private static final DeviceProperties EVERYONES =
      new DeviceProperties(0, "emulated device", 8, 6, 1, 1L << 32, 99 * 1024, 13000);
  private static final DeviceProperties HOPPER =
      new DeviceProperties(0, "emulated Hopper", 9, 0, 1, 1L << 32, 227 * 1024, 13000);

  private final DeviceProperties properties;
  private final Process process;
  private final OutputStream commands;
  private final DataInputStream answers;
  private final List<String> functions = new ArrayList<>();
  private Order order = Order.FORWARD;
  private long seed;
  private long allocations;

  private EmulatedDriver(Process process, DeviceProperties properties) {
    this.properties = properties;
    this.process = process;
    this.commands = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    this.answers = new DataInputStream(process.getInputStream());
  }

  /** Starts an emulated device. Skips the test where there is no C++ compiler to build it. */
  public static EmulatedDriver start() {
    return start(EVERYONES);
  }

  /** The same with the kernels that Hopper has of its own. */
  static EmulatedDriver startHopper() {
    return start(HOPPER);
  }

  private static EmulatedDriver start(DeviceProperties properties) {
    build();
    try {
      return new EmulatedDriver(
          new ProcessBuilder(BINARY.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start(),
          properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized void build() {
    if (built) {
      return;
    }
    String compiler = System.getenv().getOrDefault("CXX", "g++");
    // It may have words before it, such as "ccache g++".
    List<String> command = new ArrayList<>(List.of(compiler.trim().split(" +")));
    command.add("--version");
    Assumptions.assumeTrue(
        succeeds(command),
        "the CUDA emulator cannot be built: there is no C++ compiler " + compiler);
    try {
      Files.createDirectories(BINARY.getParent());
      Process build =
          new ProcessBuilder(
                  SOURCES.resolve("build.sh").toString(), KERNELS.toString(), BINARY.toString())
              .inheritIO()
              .start();
      if (!build.waitFor(BUILD_MINUTES, TimeUnit.MINUTES) || build.exitValue() != 0) {
        throw new IllegalStateException("building the CUDA emulator failed; see its messages");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    built = true;
  }

  private static boolean succeeds(List<String> command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The kernels on this device. */
  public CudaAttention attention() {
    return attention(new FusedAttention.Missing("cuDNN does not run on the emulator"));
  }

  CudaAttention attention(FusedAttention fused) {
    return CudaAttention.of(new KernelLibrary(this, new NoImages()), () -> fused);
  }

  /** From now on runs threads in this order. */
  public void runThreads(Order newOrder, long newSeed) {
    order = newOrder;
    seed = newSeed;
  }

  /** Number of allocations that are not freed. */
  public long liveAllocations() {
    return allocations;
  }

  /** Lines "name argument-bytes threads shared-bytes" of all kernels. */
  synchronized List<String> kernels() {
    return new String(exchange(command(6, 0)), StandardCharsets.UTF_8).lines().toList();
  }

  @Override
  public DeviceProperties properties() {
    return properties;
  }

  @Override
  public synchronized long loadFunction(byte[] image, String functionName) {
    functions.add(functionName);
    return functions.size();
  }

  @Override
  public void allowSharedMemory(long function, int bytes) {}

  @Override
  public synchronized void launch(long function, Launch launch, ByteBuffer arguments, long stream) {
    byte[] name = functions.get((int) function - 1).getBytes(StandardCharsets.UTF_8);
    ByteBuffer command = command(5, name.length + arguments.remaining() + 48);
    command.putInt(name.length).put(name);
    command.putInt(launch.gridX()).putInt(launch.gridY()).putInt(launch.gridZ());
    command.putInt(launch.threads()).putInt(launch.sharedBytes());
    command.putInt(order.code).putLong(seed);
    command.putInt(arguments.remaining()).put(arguments.duplicate());
    exchange(command);
  }

  @Override
  public synchronized long allocate(long bytes, long stream) {
    byte[] address = exchange(command(1, Long.BYTES).putLong(bytes));
    allocations++;
    return ByteBuffer.wrap(address).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  @Override
  public synchronized void free(long address, long stream) {
    exchange(command(2, Long.BYTES).putLong(address));
    allocations--;
  }

  @Override
  public synchronized void copyToDevice(long address, ByteBuffer source, long stream) {
    exchange(
        command(3, 2 * Long.BYTES + source.remaining())
            .putLong(address)
            .putLong(source.remaining())
            .put(source.duplicate()));
  }

  @Override
  public synchronized void copyFromDevice(ByteBuffer target, long address, long stream) {
    byte[] content =
        exchange(command(4, 2 * Long.BYTES).putLong(address).putLong(target.remaining()));
    target.duplicate().put(content);
  }

  @Override
  public void clear(long address, long bytes, long stream) {
    copyToDevice(address, ByteBuffer.allocate((int) bytes), stream);
  }

  /** Nothing to do: a command ends before the next one begins. */
  @Override
  public void order(long earlier, long later) {}

  @Override
  public void close() {
    process.destroy();
  }

  private static ByteBuffer command(int code, int bytes) {
    return ByteBuffer.allocate(1 + bytes).order(ByteOrder.LITTLE_ENDIAN).put((byte) code);
  }

  private byte[] exchange(ByteBuffer command) {
    byte[] bytes = new byte[command.flip().remaining()];
    command.get(bytes);
    try {
      commands.write(bytes);
      commands.flush();
      int status = answers.readUnsignedByte();
      byte[] content = new byte[Integer.reverseBytes(answers.readInt())];
      answers.readFully(content);
      if (status != 0) {
        throw new CudaException("emulator: " + new String(content, StandardCharsets.UTF_8));
      }
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException("the emulator ended", e);
    }
  }

  private static final class NoImages implements KernelImages {
    @Override
    public byte[] image(Kernel kernel, DeviceProperties device) {
      return new byte[0];
    }

    @Override
    public String describe(DeviceProperties device) {
      return "the kernels' sources, compiled for the CPU";
    }
  }
}
