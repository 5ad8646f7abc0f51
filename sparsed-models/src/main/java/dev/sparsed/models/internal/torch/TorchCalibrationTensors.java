package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.calibration.CalibrationTensors;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * LibTorch's tensors to measure with: of the device and type of an example. Their numbers are
 * normal, always the same, and leave LibTorch's own sequence of random numbers as it is.
 *
 * @param example a tensor of the device and type
 */
public record TorchCalibrationTensors(Tensor example) implements CalibrationTensors<Tensor> {

  private static final long SEED = 20251;
  // Rows between the first of one head and the first of the next, of the same random rows.
  private static final int BETWEEN_HEADS = 61;

  @Override
  public void use(AttentionShape shape, Consumer<AttentionCall<Tensor>> work) {
    Scoped.run(
        () -> {
          long rows = shape.keyLength() + (long) BETWEEN_HEADS * shape.heads();
          Tensor numbers = torch.empty(2 * rows, shape.headDimension());
          Generator generator = torch.make_generator_cpu(SEED);
          numbers.normal_(0, 1, new GeneratorOptional(generator));
          Tensor there = numbers.to(example.device(), example.scalar_type());
          Tensor key = heads(there, shape.kvHeads(), shape, rows);
          work.accept(
              AttentionCall.of(
                  AttentionTensors.READER, heads(there, shape.heads(), shape, 0), key, key));
        });
  }

  private static Tensor heads(Tensor numbers, int heads, AttentionShape shape, long firstRow) {
    long dimension = shape.headDimension();
    return numbers
        .as_strided(
            new long[] {1, heads, shape.keyLength(), dimension},
            new long[] {0, BETWEEN_HEADS * dimension, dimension, 1},
            new LongOptional(firstRow * dimension))
        .contiguous();
  }

  /** Reading one element waits for what the device's stream was told before. */
  @Override
  public void finish(Tensor output) {
    Scoped.run(
        () ->
            output
                .select(0, 0)
                .select(0, 0)
                .select(0, 0)
                .select(0, 0)
                .to(TorchRuntime.cpu(), output.scalar_type()));
    output.close();
  }
}
