package dev.sparsed.models.checkpoint;

import java.util.Locale;

/** Names out of untrusted files, made fit for a message. */
final class Quoted {
  private static final int LONGEST = 200;

  private Quoted() {}

  /** The name in quotes, control characters escaped, cut off where it is absurdly long. */
  static String name(String name) {
    StringBuilder quoted = new StringBuilder("'");
    name.chars()
        .limit(LONGEST)
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append(name.length() > LONGEST ? "...'" : "'").toString();
  }
}
