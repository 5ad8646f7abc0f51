package dev.sparsed.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Muon for the matrices of the blocks (momentum, made orthogonal by Newton and Schulz's iteration;
 * Jordan et al. 2024, with the step size of arXiv 2502.16982), Adam for everything else (arXiv
 * 1412.6980). Both take the same learning rate. Its whole state is in named tensors, so that it can
 * be stored and go on.
 */
final class DemoOptimizer {

  private static final double MOMENTUM = 0.95;
  private static final double FIRST_DECAY = 0.9;
  private static final double SECOND_DECAY = 0.98;
  private static final double TINY = 1e-8;
  private static final int ITERATIONS = 5;

  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> state = new LinkedHashMap<>();

  DemoOptimizer(Map<String, Tensor> parameters) {
    this.parameters = parameters;
    parameters.forEach(
        (name, tensor) -> {
          state.put("first." + name, torch.zeros(tensor.sizes()));
          if (!isMatrix(name)) {
            state.put("second." + name, torch.zeros(tensor.sizes()));
          }
        });
  }

  /** What it remembers, by name; the tensors stay the optimiser's. */
  Map<String, Tensor> state() {
    return state;
  }

  /**
   * Changes the parameters by their gradients. Needs gradients switched off and a scope around it.
   *
   * @param step steps done before
   * @param rate the learning rate
   */
  void step(int step, double rate) {
    parameters.forEach(
        (name, parameter) -> {
          Tensor gradient = parameter.grad();
          if (isMatrix(name)) {
            muon(parameter, gradient, tensor("first." + name), rate);
          } else {
            adam(
                parameter,
                gradient,
                tensor("first." + name),
                tensor("second." + name),
                step + 1,
                rate);
          }
        });
  }

  private static void muon(Tensor parameter, Tensor gradient, Tensor momentum, double rate) {
    momentum.mul_(new Scalar(MOMENTUM)).add_(gradient);
    Tensor update = orthogonal(gradient.add(momentum, new Scalar(MOMENTUM)));
    double size = 0.2 * Math.sqrt((double) Math.max(parameter.size(0), parameter.size(1)));
    parameter.sub_(update, new Scalar(rate * size));
  }

  /** Brings all singular values near 1. */
  private static Tensor orthogonal(Tensor matrix) {
    boolean tall = matrix.size(0) > matrix.size(1);
    Tensor x = tall ? matrix.t() : matrix;
    x = x.div(x.norm().add(new Scalar(TINY)));
    for (int i = 0; i < ITERATIONS; i++) {
      Tensor square = x.mm(x.t());
      Tensor polynomial =
          torch.addmm(square, square, square, new Scalar(-4.7750), new Scalar(2.0315));
      x = torch.addmm(x, polynomial, x, new Scalar(3.4445), new Scalar(1.0));
    }
    return tall ? x.t() : x;
  }

  private static void adam(
      Tensor parameter, Tensor gradient, Tensor first, Tensor second, int step, double rate) {
    first.lerp_(gradient, new Scalar(1 - FIRST_DECAY));
    second
        .mul_(new Scalar(SECOND_DECAY))
        .addcmul_(gradient, gradient, new Scalar(1 - SECOND_DECAY));
    double firstScale = 1 - Math.pow(FIRST_DECAY, step);
    double secondScale = 1 - Math.pow(SECOND_DECAY, step);
    Tensor root = second.div(new Scalar(secondScale)).sqrt_().add_(new Scalar(TINY));
    parameter.addcdiv_(first, root, new Scalar(-rate / firstScale));
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(state.get(name));
  }

  private static boolean isMatrix(String name) {
    return name.contains("_proj") || name.contains("_out");
  }
}
