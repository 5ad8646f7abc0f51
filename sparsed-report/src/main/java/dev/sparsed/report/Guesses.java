package dev.sparsed.report;

import dev.sparsed.models.GenerationProgress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the model takes for likely at open positions: what each step changes of it. */
final class Guesses {

  /** Numbers kept in all, so that a long generation costs some megabytes at most. */
  private static final int MOST_NUMBERS = 2_000_000;

  private final List<int[]> before = new ArrayList<>();
  private int numbers;

  /** The changes of a step, for each sequence: position and token in turn. */
  List<int[]> changes(GenerationProgress progress) {
    List<int[]> changes = new ArrayList<>();
    for (int i = 0; i < progress.preview().size(); i++) {
      int[] guesses = progress.preview().get(i);
      if (before.size() <= i) {
        before.add(emptied(progress, i));
      }
      changes.add(changes(before.get(i), guesses, progress.sequences().get(i)));
      before.set(i, guesses.clone());
    }
    return changes;
  }

  /** What no guess equals. */
  private static int[] emptied(GenerationProgress progress, int sequence) {
    int[] none = new int[progress.sequences().get(sequence).length];
    Arrays.fill(none, -1);
    return none;
  }

  /**
   * A position whose token is decided shows that token; one that is asked for the first time too.
   */
  private int[] changes(int[] old, int[] guesses, int[] tokens) {
    int[] changes = new int[2 * guesses.length];
    int count = 0;
    for (int position = 0; position < guesses.length; position++) {
      boolean open = guesses[position] != tokens[position];
      if (open && guesses[position] != old[position]) {
        changes[count++] = position;
        changes[count++] = guesses[position];
      }
    }
    numbers += count;
    return numbers > MOST_NUMBERS ? new int[0] : Arrays.copyOf(changes, count);
  }

  void clear() {
    before.clear();
    numbers = 0;
  }
}
