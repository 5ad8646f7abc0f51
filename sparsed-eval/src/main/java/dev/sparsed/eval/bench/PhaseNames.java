package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionPhase;
import java.util.Locale;

/** What attention phases are called in output. */
public final class PhaseNames {

  private PhaseNames() {}

  /**
   * For people.
   *
   * @param phase a phase
   * @return its name, such as {@code full and select}
   */
  public static String of(AttentionPhase phase) {
    return key(phase).replace('_', ' ');
  }

  /**
   * For JSON.
   *
   * @param phase a phase
   * @return its name, such as {@code full_and_select}
   */
  public static String key(AttentionPhase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
