package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.torch.TorchRuntime;
import java.io.Serial;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Device;

/**
 * Where a model computes.
 *
 * @param kind processor or graphics card
 * @param index number of the graphics card, 0 for the processor
 */
public record ComputeDevice(Kind kind, int index) {

  /** The processor. */
  public static final ComputeDevice CPU = new ComputeDevice(Kind.CPU, 0);

  private static final Pattern NAME = Pattern.compile("(cpu|cuda)(?::(\\d{1,3}))?");

  /** A kind of device. */
  public enum Kind {
    /** The processor. */
    CPU,
    /** An NVIDIA graphics card; needs the GPU build of LibTorch on the class path. */
    CUDA
  }

  /**
   * Checks the index.
   *
   * @throws IllegalArgumentException if the index is negative, or not 0 for the processor
   */
  public ComputeDevice {
    checkArgument(
        index >= 0 && (index == 0 || kind != Kind.CPU),
        "there is no device %s:%s",
        kind.name().toLowerCase(Locale.ROOT),
        index);
  }

  /**
   * Reads a name such as {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @param name the name, in any case
   * @return the device
   * @throws IllegalArgumentException if the name is not of that form
   */
  public static ComputeDevice of(String name) {
    Matcher matcher = NAME.matcher(name.toLowerCase(Locale.ROOT));
    checkArgument(matcher.matches(), "device must be cpu, cuda or cuda:N but is %s", name);
    String index = matcher.group(2);
    return new ComputeDevice(
        Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
        index == null ? 0 : Integer.parseInt(index));
  }

  /**
   * The device as LibTorch names it.
   *
   * @return a new handle, released by the scope around this call or by the caller
   * @throws IllegalStateException if LibTorch sees no such card
   */
  public Device handle() {
    return switch (kind) {
      case CPU -> TorchRuntime.cpu();
      case CUDA -> TorchRuntime.cuda(index);
    };
  }

  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }

  /** A device that LibTorch does not see. */
  public static final class UnavailableException extends IllegalStateException {

    @Serial private static final long serialVersionUID = 1L;

    /**
     * Says which.
     *
     * @param message the device and what it needs
     */
    public UnavailableException(String message) {
      super(message);
    }
  }
}
