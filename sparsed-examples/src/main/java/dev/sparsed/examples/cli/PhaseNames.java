package dev.sparsed.examples.cli;

import dev.sparsed.attention.AttentionPhase;
import java.util.Locale;

/** What attention phases are called in output. */
final class PhaseNames {

  private PhaseNames() {}

  /** For people, such as {@code full and select}. */
  static String of(AttentionPhase phase) {
    return key(phase).replace('_', ' ');
  }

  /** For JSON, such as {@code full_and_select}. */
  static String key(AttentionPhase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
