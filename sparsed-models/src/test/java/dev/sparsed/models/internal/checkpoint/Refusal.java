package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.models.CheckpointException;
import java.util.Objects;
import org.junit.jupiter.api.function.Executable;

/** What a refused action says. */
final class Refusal {
  private Refusal() {}

  /** The message of the {@link CheckpointException} that the action must end in. */
  static String of(Executable action) {
    return Objects.requireNonNull(assertThrows(CheckpointException.class, action).getMessage());
  }
}
