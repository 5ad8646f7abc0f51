package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackend.WithLogSumExp;
import java.lang.ref.Reference;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Ownership of native memory: what a call makes is released when it returns. What the computation
 * refers to stays reachable until then: a tensor of which native code has only the address would
 * otherwise be freed under it as soon as no Java code reads its variable any more.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class Scoped {

  private Scoped() {}

  /**
   * Runs a computation and releases every tensor that it made but its result.
   *
   * @param body the computation
   * @return its result; released with the {@link PointerScope} around this call or, where there is
   *     none, by the caller's {@code close()}
   */
  public static Tensor result(Supplier<Tensor> body) {
    PointerScope outer = PointerScope.getInnerScope();
    Tensor result;
    try (PointerScope scope = new PointerScope()) {
      result = body.get();
      result.retainReference();
    } finally {
      Reference.reachabilityFence(body);
    }
    handOver(result, outer);
    return result;
  }

  /**
   * Runs a computation and releases every tensor that it made but its result.
   *
   * @param body the computation
   * @return its result, attached to no {@link PointerScope}: the caller closes it
   */
  public static Tensor owned(Supplier<Tensor> body) {
    try (PointerScope scope = new PointerScope()) {
      Tensor result = body.get();
      result.retainReference();
      return result;
    } finally {
      Reference.reachabilityFence(body);
    }
  }

  /**
   * Runs a computation and releases every tensor that it made but its two results.
   *
   * @param body the computation
   * @return its results, each released as that of {@link #result}
   */
  public static WithLogSumExp<Tensor> results(Supplier<WithLogSumExp<Tensor>> body) {
    PointerScope outer = PointerScope.getInnerScope();
    WithLogSumExp<Tensor> results;
    try (PointerScope scope = new PointerScope()) {
      results = body.get();
      results.output().retainReference();
      results.logSumExp().retainReference();
    } finally {
      Reference.reachabilityFence(body);
    }
    handOver(results.output(), outer);
    handOver(results.logSumExp(), outer);
    return results;
  }

  /**
   * Runs a computation and releases every tensor that it made.
   *
   * @param body the computation
   */
  public static void run(Runnable body) {
    try (PointerScope scope = new PointerScope()) {
      body.run();
    } finally {
      Reference.reachabilityFence(body);
    }
  }

  /**
   * Runs a computation and releases every tensor that it made but its result, which outlives the
   * scope around this call too, on whatever thread that is.
   *
   * @param body the computation
   * @return its result, to be closed or {@linkplain #adopt adopted}
   */
  public static Tensor kept(Supplier<Tensor> body) {
    try (PointerScope scope = new PointerScope()) {
      Tensor result = body.get();
      result.retainReference();
      return result;
    } finally {
      Reference.reachabilityFence(body);
    }
  }

  /**
   * Gives a tensor that outlives scopes to the scope around this call, which is to release it; to
   * nobody where there is none.
   *
   * @param tensor a tensor with a reference to give away
   */
  public static void adopt(Tensor tensor) {
    handOver(tensor, PointerScope.getInnerScope());
  }

  /** The scope's reference replaces the one that carried the tensor out of the inner scope. */
  private static void handOver(Tensor tensor, @Nullable PointerScope scope) {
    if (scope != null) {
      scope.attach(tensor);
      tensor.releaseReference();
    }
  }
}
