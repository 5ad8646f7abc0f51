package dev.sparsed.internal;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/**
 * What a module without a logger wants the user to know; the next one that has a logger says it.
 */
public final class Notices {

  private static final List<String> WAITING = new ArrayList<>();

  private Notices() {}

  /**
   * Adds a notice.
   *
   * @param notice one line, a warning
   */
  public static synchronized void add(String notice) {
    WAITING.add(notice);
  }

  /**
   * Takes what nobody has said yet.
   *
   * @return the notices, which are not returned again
   */
  public static synchronized ImmutableList<String> take() {
    ImmutableList<String> taken = ImmutableList.copyOf(WAITING);
    WAITING.clear();
    return taken;
  }
}
