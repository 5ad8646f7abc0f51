package dev.sparsed.models.decoding;

import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Random numbers of one sequence: a pure function of seed, sequence, step and position, so that
 * neither the other sequences of a batch nor the device nor the order of calls changes them.
 *
 * <p>The generator is SplitMix64 (Steele, Lea, Flood 2014), its counter being hashed from the
 * coordinates.
 */
public final class Noise {

  /** What a number is for; numbers for different purposes are independent. */
  public enum Purpose {
    /** The candidate token of a position. */
    TOKEN(1),
    /** Which positions are committed. */
    POSITION(2);

    private final long number;

    Purpose(long number) {
      this.number = number;
    }
  }

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long FIRST = 0xbf58476d1ce4e5b9L;
  private static final long SECOND = 0x94d049bb133111ebL;
  private static final double UNIT = 0x1p-53;

  private final long root;

  /**
   * The numbers of one sequence.
   *
   * @param seed of the generation
   * @param sequence which of the sequences that share the seed
   */
  public Noise(long seed, long sequence) {
    this.root = mix(mix(seed) + GOLDEN * (sequence + 1));
  }

  /**
   * A number strictly between 0 and 1.
   *
   * @param step number of the step
   * @param position position in the sequence
   * @param purpose what it is for
   * @return the number
   */
  public double uniform(int step, int position, Purpose purpose) {
    return unit(mix(key(step, position, purpose) + GOLDEN));
  }

  /**
   * A standard Gumbel number.
   *
   * @param step number of the step
   * @param position position in the sequence
   * @param purpose what it is for
   * @return the number
   */
  public double gumbel(int step, int position, Purpose purpose) {
    return -Math.log(-Math.log(uniform(step, position, purpose)));
  }

  /**
   * Standard Gumbel numbers for every token of some positions.
   *
   * @param step number of the step
   * @param positions positions in the sequence
   * @param vocabulary tokens of each
   * @param device where to
   * @return float64 [positions, vocabulary], attached to the scope around the call
   */
  public Tensor gumbels(int step, int[] positions, int vocabulary, Device device) {
    return Scoped.result(
        () -> uniforms(step, positions, vocabulary, device).log_().neg_().log_().neg_());
  }

  /** Numbers strictly between 0 and 1, float64 [positions, vocabulary]. */
  Tensor uniforms(int step, int[] positions, int vocabulary, Device device) {
    long[] keys = Arrays.stream(positions).mapToLong(p -> key(step, p, Purpose.TOKEN)).toArray();
    return Scoped.result(
        () -> {
          Tensor counter =
              torch
                  .arange(
                      new Scalar(1),
                      new Scalar(vocabulary + 1L),
                      new TensorOptions(ScalarType.Long))
                  .to(device, ScalarType.Long)
                  .mul_(new Scalar(GOLDEN));
          Tensor bits = HostArrays.toTensor(keys, device).unsqueeze(1).add(counter);
          bits = bits.bitwise_xor_(shifted(bits, 30)).mul_(new Scalar(FIRST));
          bits = bits.bitwise_xor_(shifted(bits, 27)).mul_(new Scalar(SECOND));
          bits = bits.bitwise_xor_(shifted(bits, 31));
          return shifted(bits, 11)
              .to(ScalarType.Double)
              .add_(new Scalar(0.5))
              .mul_(new Scalar(UNIT));
        });
  }

  /** Logical shift to the right; LibTorch's own keeps the sign. */
  private static Tensor shifted(Tensor bits, int by) {
    return bits.bitwise_right_shift(new Scalar((long) by)).bitwise_and_(new Scalar(-1L >>> by));
  }

  private long key(int step, int position, Purpose purpose) {
    long at = mix(root + GOLDEN * (step + 1L));
    return mix(at + GOLDEN * (position * 2L + purpose.number));
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * FIRST;
    long b = (a ^ (a >>> 27)) * SECOND;
    return b ^ (b >>> 31);
  }

  private static double unit(long bits) {
    return ((bits >>> 11) + 0.5) * UNIT;
  }
}
