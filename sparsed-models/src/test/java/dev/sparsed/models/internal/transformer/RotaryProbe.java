package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Lets tests of other packages see the rotary table: float32 on the processor. */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class RotaryProbe {

  private final Rotary rotary;
  private final int headDimension;
  private final int first;
  private final int length;

  public RotaryProbe(double base, int headDimension, int first, int length) {
    this(Rotary.of(base), headDimension, first, length);
  }

  /** Positions from {@code first} on, the last one being the sequence's last. */
  public RotaryProbe(Rotary rotary, int headDimension, int first, int length) {
    this.rotary = rotary;
    this.headDimension = headDimension;
    this.first = first;
    this.length = length;
  }

  /** Rotates heads, each [length, D], and returns them one after the other. */
  public float[] rotate(float[][] heads) {
    float[] all = new float[heads.length * length * headDimension];
    for (int i = 0; i < all.length; i++) {
      all[i] = heads[i / (length * headDimension)][i % (length * headDimension)];
    }
    try (PointerScope scope = new PointerScope();
        RotaryTable table = table()) {
      Tensor input = Tensor.create(all, heads.length, length, headDimension);
      Tensor result = torch.empty_like(input);
      table.rotate(input, 0, result);
      return HostArrays.toFloats(result);
    }
  }

  /** Frequencies [D/2] of a sequence. */
  public static float[] frequencies(Rotary rotary, int headDimension, int length) {
    try (PointerScope scope = new PointerScope()) {
      return HostArrays.toFloats(new RotaryFrequencies(rotary, headDimension, length).tensor());
    }
  }

  /** Cosines [length, D], the second half repeating the first: the turn of (1, 0, ...). */
  public float[] cos() {
    float[] rotated = rotate(unit());
    for (int i = 0; i < rotated.length; i++) {
      int d = i % headDimension;
      rotated[i] = d < headDimension / 2 ? rotated[i] : rotated[i - headDimension / 2];
    }
    return rotated;
  }

  /** Sines [length, D], the second half repeating the first. */
  public float[] sin() {
    float[] rotated = rotate(unit());
    for (int i = rotated.length - 1; i >= 0; i--) {
      int d = i % headDimension;
      rotated[i] = d < headDimension / 2 ? rotated[i + headDimension / 2] : rotated[i];
    }
    return rotated;
  }

  private float[][] unit() {
    float[] head = new float[length * headDimension];
    for (int i = 0; i < head.length; i++) {
      head[i] = i % headDimension < headDimension / 2 ? 1 : 0;
    }
    return Stream.of(head).toArray(float[][]::new);
  }

  private RotaryTable table() {
    try (Device cpu = TorchRuntime.cpu()) {
      return RotaryTable.of(
          new RotaryFrequencies(rotary, headDimension, first + length),
          Positions.range(first, first + length),
          ScalarType.Float,
          cpu,
          new LibTorchRows());
    }
  }
}
