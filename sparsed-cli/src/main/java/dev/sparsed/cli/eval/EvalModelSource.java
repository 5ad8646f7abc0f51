package dev.sparsed.cli.eval;

import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.SharedModel;

/** Opens the model that a command's options name. */
@FunctionalInterface
interface EvalModelSource {

  /** Opens it; weights are loaded when they are first needed. */
  EvalModel open(EvalModelArguments arguments);

  /** The same, but commands that name the same model get the one that is there. */
  default EvalModelSource sharing(SharedModel shared) {
    return arguments -> shared.open(arguments.key(), () -> open(arguments));
  }
}
