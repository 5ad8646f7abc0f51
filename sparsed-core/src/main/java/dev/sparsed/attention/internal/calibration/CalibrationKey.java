package dev.sparsed.attention.internal.calibration;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Everything that a measurement depends on.
 *
 * @param platform device, driver, versions, threads, by name
 * @param work what was measured
 */
public record CalibrationKey(ImmutableSortedMap<String, String> platform, CalibrationWork work) {

  /** What names of files end with. */
  static final String SUFFIX = ".properties";

  /**
   * A key.
   *
   * @param platform what a backend says that its speed depends on
   * @param work what is measured
   * @return the key
   */
  public static CalibrationKey of(Map<String, String> platform, CalibrationWork work) {
    return new CalibrationKey(ImmutableSortedMap.copyOf(platform), work);
  }

  /** A name that other keys do not have. */
  String fileName() {
    Hasher hasher = Hashing.sha256().newHasher();
    platform.forEach(
        (name, value) -> {
          put(hasher, name);
          put(hasher, value);
        });
    put(hasher, work.toString());
    return hasher.hash().toString().substring(0, 32) + SUFFIX;
  }

  /** With its length, so that no two lists of texts are put in alike. */
  private static void put(Hasher hasher, String text) {
    hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
  }
}
