package dev.sparsed.models.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionShape;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Checks of attention's tensors before anything native sees them: defined, four dimensions, one
 * dtype, one device, sizes that fit together.
 */
public final class AttentionTensors {

  private static final Set<ScalarType> DTYPES =
      Set.of(ScalarType.Float, ScalarType.BFloat16, ScalarType.Half);

  private AttentionTensors() {}

  /**
   * Checks queries and keys and reads their sizes.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @return the shape
   * @throws IllegalArgumentException if they do not fit together
   */
  public static AttentionShape shape(Tensor query, Tensor key) {
    long[] q = sizes("query", query);
    long[] k = sizes("key", key);
    checkSameKind("key", key, query);
    checkArgument(
        q[0] == k[0] && q[3] == k[3],
        "batch and head size of queries %s and keys %s differ",
        Arrays.toString(q),
        Arrays.toString(k));
    return new AttentionShape(
        (int) q[0], (int) q[1], (int) k[1], (int) q[2], (int) k[2], (int) q[3]);
  }

  /**
   * Checks queries, keys and values and reads their sizes.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @return the shape
   * @throws IllegalArgumentException if they do not fit together
   */
  public static AttentionShape shape(Tensor query, Tensor key, Tensor value) {
    AttentionShape shape = shape(query, key);
    long[] v = sizes("value", value);
    checkSameKind("value", value, query);
    long[] k = key.shape();
    checkArgument(
        Arrays.equals(v, k),
        "keys %s and values %s differ in shape",
        Arrays.toString(k),
        Arrays.toString(v));
    return shape;
  }

  private static long[] sizes(String name, @Nullable Tensor tensor) {
    checkArgument(
        tensor != null && !tensor.isNull() && tensor.defined(), "the %s tensor is undefined", name);
    ScalarType dtype = tensor.scalar_type().intern();
    checkArgument(
        DTYPES.contains(dtype),
        "the %s tensor must be float32, bfloat16 or float16 but is %s",
        name,
        dtype);
    checkArgument(
        tensor.is_cpu() || tensor.is_cuda(),
        "the %s tensor must be on a processor or an NVIDIA card",
        name);
    long[] sizes = tensor.shape();
    checkArgument(
        sizes.length == 4 && Arrays.stream(sizes).allMatch(n -> n >= 1 && n <= Integer.MAX_VALUE),
        "the %s tensor must be [batch, heads, tokens, head size] but is %s",
        name,
        Arrays.toString(sizes));
    return sizes;
  }

  private static void checkSameKind(String name, Tensor tensor, Tensor query) {
    checkArgument(
        tensor.scalar_type().intern() == query.scalar_type().intern(),
        "the %s tensor is %s but the queries are %s",
        name,
        tensor.scalar_type().intern(),
        query.scalar_type().intern());
    checkArgument(
        tensor.is_cuda() == query.is_cuda()
            && (!tensor.is_cuda() || deviceIndex(tensor) == deviceIndex(query)),
        "the %s tensor is on another device than the queries",
        name);
  }

  private static int deviceIndex(Tensor tensor) {
    try (Device device = tensor.device()) {
      return device.index();
    }
  }
}
