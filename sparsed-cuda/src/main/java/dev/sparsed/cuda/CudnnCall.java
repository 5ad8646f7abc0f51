package dev.sparsed.cuda;

import com.google.common.primitives.ImmutableLongArray;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;

/**
 * What a plan of cuDNN depends on: everything about a call but its addresses.
 *
 * @param query layout of the queries
 * @param key layout of the keys
 * @param value layout of the values
 * @param output layout of the output
 * @param withLogSumExp whether the log-sum-exps are asked for
 */
record CudnnCall(Layout query, Layout key, Layout value, Layout output, boolean withLogSumExp) {

  /**
   * Type, sizes and strides of a tensor, in elements.
   *
   * @param type element type
   * @param sizes [B, H, S, D]
   * @param strides of the same dimensions
   */
  record Layout(ElementType type, ImmutableLongArray sizes, ImmutableLongArray strides) {

    /** The layout of a tensor; a dimension of one element gets the stride it would have alone. */
    static Layout of(TensorLayout layout) {
      TensorForm form = layout.form();
      long token = stride(form.length(), layout.tokenStride(), form.headDimension());
      long head = stride(form.heads(), layout.headStride(), token * form.length());
      long item = stride(form.batch(), layout.batchStride(), head * form.heads());
      return new Layout(
          form.type(),
          ImmutableLongArray.of(form.batch(), form.heads(), form.length(), form.headDimension()),
          ImmutableLongArray.of(item, head, token, 1));
    }

    private static long stride(int count, long stride, long alone) {
      return count == 1 ? alone : stride;
    }
  }

  static CudnnCall of(
      AttentionCall<DeviceTensor> call, DeviceTensor output, boolean withLogSumExp) {
    return new CudnnCall(
        Layout.of(call.query().layout()),
        Layout.of(call.key().layout()),
        Layout.of(call.value().layout()),
        Layout.of(output.layout()),
        withLogSumExp);
  }

  /** A float32 for each query, without gaps. */
  Layout logSumExp() {
    long heads = query.sizes().get(1);
    long length = query.sizes().get(2);
    return new Layout(
        ElementType.FLOAT32,
        ImmutableLongArray.of(query.sizes().get(0), heads, length, 1),
        ImmutableLongArray.of(heads * length, length, 1, 1));
  }
}
