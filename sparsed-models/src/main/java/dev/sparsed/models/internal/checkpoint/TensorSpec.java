package dev.sparsed.models.internal.checkpoint;

/**
 * A tensor that a model expects.
 *
 * @param name its name in the checkpoint
 * @param shape its shape; of a matrix [outputs, inputs]
 * @param role what it is
 * @param required false for a tensor that may be stored but is not read, such as the head of a
 *     model that uses its embedding as head
 */
public record TensorSpec(String name, TensorShape shape, Role role, boolean required) {
  /** What a tensor is to the model. */
  public enum Role {
    /** A matrix of weights, embeddings among them. */
    MATRIX,
    /** A matrix that scores experts, by whose sums they are chosen: never in fewer bits. */
    ROUTER,
    /** What is added after a matrix. */
    BIAS,
    /** The scale of a norm. */
    NORM
  }

  static TensorSpec matrix(String name, long outputs, long inputs) {
    return new TensorSpec(name, TensorShape.of(outputs, inputs), Role.MATRIX, true);
  }

  static TensorSpec router(String name, long experts, long inputs) {
    return new TensorSpec(name, TensorShape.of(experts, inputs), Role.ROUTER, true);
  }

  static TensorSpec bias(String name, long outputs) {
    return new TensorSpec(name, TensorShape.of(outputs), Role.BIAS, true);
  }

  static TensorSpec norm(String name, long width) {
    return new TensorSpec(name, TensorShape.of(width), Role.NORM, true);
  }

  /** Whether it has outputs and inputs. */
  boolean isMatrix() {
    return role == Role.MATRIX || role == Role.ROUTER;
  }

  TensorSpec unread() {
    return new TensorSpec(name, shape, role, false);
  }
}
