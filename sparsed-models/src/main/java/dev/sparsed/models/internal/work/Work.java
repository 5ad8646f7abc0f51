package dev.sparsed.models.internal.work;

/** Parts of a generation's time. Each moment belongs to one: the innermost that has begun. */
public enum Work {
  /** Products with the weights of the layers. */
  PRODUCTS,
  /** Attention by a backend; where one pass gives scores as well, these too. */
  ATTENTION,
  /** Scores of blocks and what selectors choose by them, where attention does not give them. */
  SCORES,
  /** Around attention: what is kept between steps, read from there and put together. */
  CACHE,
  /** Norms, and the residual sum that one goes with. */
  NORMS,
  /** Rotary embedding of queries and keys, with their way into heads. */
  ROTARY,
  /** The feed-forward parts' activation and gate. */
  ACTIVATION,
  /** The rest of a forward pass: embedding, residual sums, rows that move. */
  ROWS,
  /** Products with the language-model head. */
  HEAD,
  /** What decoders do with logits. */
  SAMPLER,
  /** Everything else, such as this library's Java code between passes. */
  REST
}
