package dev.sparsed.eval.accuracy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A predictions file that a run may not continue. Says why and what to do. */
public final class PredictionLogException extends IOException {

  PredictionLogException(String message) {
    super(message);
  }

  PredictionLogException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
