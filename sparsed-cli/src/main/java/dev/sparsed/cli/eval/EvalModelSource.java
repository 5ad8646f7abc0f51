package dev.sparsed.cli.eval;

/** Opens the model that a command's options name. */
@FunctionalInterface
interface EvalModelSource {

  /** Opens it; weights are loaded when they are first needed. */
  EvalModel open(EvalModelArguments arguments);
}
