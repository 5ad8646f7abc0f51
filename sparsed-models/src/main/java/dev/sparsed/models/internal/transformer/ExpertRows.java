package dev.sparsed.models.internal.transformer;

/**
 * Rows in the order of the experts that they chose, those of one expert in their own order.
 *
 * @param tokens for each place the row
 * @param choices for each place the index of the choice among all rows' choices
 * @param starts place of each expert's first row, and the number of places at the end
 */
@SuppressWarnings("ArrayRecordComponent") // Made and used within one call.
record ExpertRows(int[] tokens, int[] choices, int[] starts) {

  /**
   * Sorts by counting.
   *
   * @param experts the chosen experts, row after row
   * @param perToken how many each row chose
   * @param count number of experts
   */
  static ExpertRows of(int[] experts, int perToken, int count) {
    int[] starts = new int[count + 1];
    for (int expert : experts) {
      starts[expert + 1]++;
    }
    for (int expert = 0; expert < count; expert++) {
      starts[expert + 1] += starts[expert];
    }
    int[] next = starts.clone();
    int[] tokens = new int[experts.length];
    int[] choices = new int[experts.length];
    for (int choice = 0; choice < experts.length; choice++) {
      int place = next[experts[choice]]++;
      tokens[place] = choice / perToken;
      choices[place] = choice;
    }
    return new ExpertRows(tokens, choices, starts);
  }

  /** The place of an expert's first row; of the number of experts the end. */
  int first(int expert) {
    return starts[expert];
  }
}
