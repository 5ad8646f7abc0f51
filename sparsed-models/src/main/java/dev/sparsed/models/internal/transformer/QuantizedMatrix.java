package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.checkpoint.QuantizedTensor;
import dev.sparsed.models.internal.torch.Scoped;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Quantized weights that LibTorch multiplies by, on any device: strips of outputs are written out
 * in the rows' dtype, one after the other.
 *
 * @param weight the weights, on the device
 * @param dtype the model's
 */
record QuantizedMatrix(QuantizedTensor weight, ScalarType dtype) implements Matrix {

  /** Weights of a strip: 32 MiB in bf16 beside as much for their numbers, twice that otherwise. */
  private static final long STRIP = 1L << 24;

  @Override
  public Tensor multiply(Tensor rows, @Nullable Tensor bias) {
    return Scoped.result(
        () -> {
          long outputs = weight.outputs();
          long most = Math.max(1, STRIP / weight.inputs());
          Tensor output = rows.new_empty(rows.size(0), outputs);
          for (long from = 0; from < outputs; from += most) {
            long first = from;
            long count = Math.min(most, outputs - from);
            Scoped.run(
                () -> {
                  Tensor strip =
                      dequantize(
                          weight.numbers().narrow(0, first, count),
                          weight.scales().narrow(0, first, count));
                  Tensor product =
                      bias == null
                          ? torch.linear(rows, strip)
                          : torch.linear(
                              rows, strip, new TensorOptional(bias.narrow(0, first, count)));
                  output.narrow(1, first, count).copy_(product);
                });
          }
          return output;
        });
  }

  @Override
  public Tensor rows(Tensor ids) {
    return Scoped.result(
        () ->
            dequantize(
                weight.numbers().index_select(0, ids), weight.scales().index_select(0, ids)));
  }

  private Tensor dequantize(Tensor numbers, Tensor scales) {
    return QuantizedTensor.dequantize(weight.format(), numbers, scales, dtype);
  }

  @Override
  public Matrix part(int first, int count) {
    return new QuantizedMatrix(
        new QuantizedTensor(
            weight.format(),
            Scoped.owned(() -> weight.numbers().narrow(0, first, count)),
            Scoped.owned(() -> weight.scales().narrow(0, first, count))),
        dtype);
  }

  @Override
  public long parameters() {
    return weight.outputs() * weight.inputs();
  }

  @Override
  public long bytes() {
    return weight.bytes();
  }

  @Override
  public void close() {
    weight.close();
  }
}
