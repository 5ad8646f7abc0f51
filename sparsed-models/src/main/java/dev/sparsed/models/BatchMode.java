package dev.sparsed.models;

/** Whether sequences share forward passes, see {@link SharedPasses}. */
public enum BatchMode {

  /** Every sequence has forward passes of its own. */
  SEPARATE,

  /**
   * Sequences share passes where each gets what it gets alone to the last bit: where this library's
   * kernels compute all products. Elsewhere they have passes of their own.
   */
  EXACT,

  /**
   * Sequences share passes. Where LibTorch computes products, what a sequence gets may differ from
   * what it gets alone by rounding, so that between tokens that are about as likely another one may
   * be chosen.
   */
  SHARED
}
