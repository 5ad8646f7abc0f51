package dev.sparsed.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Loss and gradients of a batch, computed a few texts at a time: what these need stays small, and
 * several threads have something to do.
 */
final class DemoGradients {

  /** Tokens whose states are computed at a time: as many as the longest text has. */
  private static final int PART_TOKENS = DemoShape.MOST_POSITIONS;

  private final DemoNetwork network;
  private final List<Tensor> parameters;

  DemoGradients(DemoNetwork network) {
    this.network = network;
    this.parameters = List.copyOf(network.parameters().values());
  }

  /** What a part adds to the whole; the gradients are the holder's to close. */
  private record Part(double loss, TensorVector gradients) {

    /** The sum, in this one's gradients; the other's are closed. */
    Part plus(Part other) {
      for (long i = 0; i < gradients.size(); i++) {
        gradients.get(i).add_(other.gradients.get(i));
      }
      other.gradients.close();
      return new Part(loss + other.loss, gradients);
    }
  }

  /**
   * Puts the gradients of the mean loss per unit of weight into the parameters. Needs a scope
   * around it.
   *
   * @param batch texts with what is masked in them
   * @param threads compute it; the result does not depend on how many they are
   * @return the mean loss
   */
  double compute(DemoBatch batch, TrainingThreads threads) throws InterruptedException {
    double weight = batch.weight();
    List<Callable<Part>> parts = new ArrayList<>();
    for (DemoBatch part : batch.parts(PART_TOKENS)) {
      parts.add(() -> part(part, weight));
    }
    Part[] whole = new Part[1];
    threads.inOrder(parts, part -> whole[0] = whole[0] == null ? part : whole[0].plus(part));
    Part sum = whole[0];
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).mutable_grad().put(sum.gradients().get(i));
    }
    sum.gradients().close();
    return sum.loss();
  }

  @SuppressWarnings("try") // A PointerScope works by being open.
  private Part part(DemoBatch batch, double weight) {
    try (PointerScope scope = new PointerScope()) {
      Tensor logits =
          network.logits(batch.tokens(), batch.positions(), batch.rows(), batch.places());
      Tensor losses =
          torch.cross_entropy_loss(
              logits, Tensor.create(batch.targets()), new TensorOptional(), 0, -100, 0.0);
      Tensor loss = losses.mul(Tensor.create(batch.weights())).sum().div(new Scalar(weight));
      TensorVector gradients =
          torch.grad(new TensorVector(loss), new TensorVector(parameters.toArray(new Tensor[0])));
      return new Part(loss.item_float(), gradients.<TensorVector>retainReference());
    }
  }
}
