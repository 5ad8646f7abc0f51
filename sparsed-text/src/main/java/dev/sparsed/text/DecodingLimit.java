package dev.sparsed.text;

import java.util.Map;

/** How long a decoded text may become: native code holds it several times over. */
final class DecodingLimit {

  private static final long MAX_LENGTH = 32_000_000;

  /** What a token takes in native code beside its characters. */
  private static final int PER_TOKEN = 16;

  private final int[] lengths;
  private final double growth;

  /**
   * @param ids every token's id
   * @param growth how many times as long as its tokens a decoded text is at most
   */
  DecodingLimit(Map<String, Integer> ids, double growth) {
    this.growth = growth;
    lengths = new int[1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1)];
    ids.forEach((token, id) -> lengths[id] = token.length());
  }

  /** One more than the largest id. */
  int ids() {
    return lengths.length;
  }

  /**
   * @throws IllegalArgumentException if the text might become too long
   */
  void check(int[] ids) {
    long length = 0;
    for (int id : ids) {
      length += id < lengths.length ? lengths[id] : 0;
    }
    if (length * growth + (double) PER_TOKEN * ids.length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the text of these "
              + ids.length
              + " ids could be too long, with more than about "
              + MAX_LENGTH
              + " characters; decode them in parts");
    }
  }
}
