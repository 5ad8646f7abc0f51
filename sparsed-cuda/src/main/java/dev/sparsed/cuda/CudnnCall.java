package dev.sparsed.cuda;

import com.google.common.primitives.ImmutableLongArray;

/**
 * What a plan of cuDNN depends on: everything about a call but its addresses.
 *
 * @param query layout of the queries
 * @param key layout of the keys
 * @param value layout of the values
 * @param output layout of the output
 * @param sums whether the log-sum-exps are asked for
 */
record CudnnCall(Layout query, Layout key, Layout value, Layout output, boolean sums) {

  /**
   * Type, sizes and strides of a tensor, in elements.
   *
   * @param type element type
   * @param sizes [B, H, S, D]
   * @param strides of the same dimensions
   */
  record Layout(ElementType type, ImmutableLongArray sizes, ImmutableLongArray strides) {

    /** The layout of a tensor; a dimension of one element gets the stride it would have alone. */
    static Layout of(DeviceTensor tensor) {
      long token = stride(tensor.length(), tensor.tokenStride(), tensor.headDimension());
      long head = stride(tensor.heads(), tensor.headStride(), token * tensor.length());
      long item = stride(tensor.batch(), tensor.batchStride(), head * tensor.heads());
      return new Layout(
          tensor.type(),
          ImmutableLongArray.of(
              tensor.batch(), tensor.heads(), tensor.length(), tensor.headDimension()),
          ImmutableLongArray.of(item, head, token, 1));
    }

    private static long stride(int count, long stride, long alone) {
      return count == 1 ? alone : stride;
    }
  }

  static CudnnCall of(
      DeviceTensor query, DeviceTensor key, DeviceTensor value, DeviceTensor output, boolean sums) {
    return new CudnnCall(
        Layout.of(query), Layout.of(key), Layout.of(value), Layout.of(output), sums);
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
