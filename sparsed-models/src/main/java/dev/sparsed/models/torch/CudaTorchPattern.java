package dev.sparsed.models.torch;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cuda.CudaAttention;
import dev.sparsed.cuda.DevicePattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pattern on the devices that have computed with it. One that was selected on a device stays
 * there; one that came from Java is copied to a device at its first use there.
 */
final class CudaTorchPattern implements PreparedPattern {

  private final @Nullable SparsePattern pattern;
  private final @Nullable DevicePattern selected;
  private final Map<CudaAttention, DevicePattern> copies = new HashMap<>();
  private boolean closed;

  private CudaTorchPattern(@Nullable SparsePattern pattern, @Nullable DevicePattern selected) {
    this.pattern = pattern;
    this.selected = selected;
  }

  static CudaTorchPattern of(SparsePattern pattern) {
    return new CudaTorchPattern(pattern.requireNoEmptyRow(), null);
  }

  /** Takes over a pattern that the kernels of a device have selected. */
  static CudaTorchPattern of(CudaAttention attention, DevicePattern selected) {
    CudaTorchPattern result = new CudaTorchPattern(null, selected);
    result.copies.put(attention, selected);
    return result;
  }

  /** The pattern on a device, copied there on the given stream if it is not there yet. */
  synchronized DevicePattern on(CudaAttention attention, long stream) {
    checkState(!closed, "the pattern is closed");
    return copies.computeIfAbsent(attention, device -> device.upload(pattern(), stream));
  }

  @Override
  public SparsePattern pattern() {
    if (pattern != null) {
      return pattern;
    }
    if (selected == null) {
      throw new IllegalStateException("a pattern is given or selected");
    }
    return selected.pattern();
  }

  @Override
  public BlockGrid grid() {
    return selected == null ? pattern().grid() : selected.grid();
  }

  @Override
  public synchronized void close() {
    closed = true;
    copies.values().forEach(DevicePattern::close);
    copies.clear();
  }
}
