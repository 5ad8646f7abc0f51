package dev.sparsed.models.internal.checkpoint;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names in a message: the first of them, and how many more there are. */
final class Listing {
  /** More than these nobody reads. */
  static final int SHOWN = 20;

  private Listing() {}

  /** The names, which are fit for a message already, separated by commas. */
  static String of(Collection<String> names) {
    return of(names, ", ");
  }

  static String of(Collection<String> names, String separator) {
    String shown = names.stream().limit(SHOWN).collect(Collectors.joining(separator));
    int others = names.size() - SHOWN;
    return others > 0 ? shown + " and " + others + " more" : shown;
  }
}
