package dev.sparsed.spark;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A row's own seed, of its text or id and the job's seed: the same wherever, whenever and however
 * often the row is computed.
 */
final class RowSeed {

  private RowSeed() {}

  /** The first 64 bits of SHA-256 of the job's seed, big-endian, and the UTF-8 text. */
  static long of(long seed, String text) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every JVM has it.
    }
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
