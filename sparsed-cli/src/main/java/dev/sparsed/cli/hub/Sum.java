package dev.sparsed.cli.hub;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/** Whether a content is what the hub says it is, as far as its etag is a sum. */
final class Sum {

  private static final int SHA_1_DIGITS = 40;

  private final HubFile file;
  private final Hasher hasher;

  Sum(HubFile file) {
    this.file = file;
    this.hasher = function(file).newHasher();
    if (file.etag().length() == SHA_1_DIGITS) {
      // What Git counts before the content.
      hasher.putString("blob " + file.size() + "\0", StandardCharsets.US_ASCII);
    }
  }

  /** Git still names its objects by SHA-1. */
  @SuppressWarnings("deprecation")
  private static HashFunction function(HubFile file) {
    return file.etag().length() == SHA_1_DIGITS ? Hashing.sha1() : Hashing.sha256();
  }

  void add(byte[] bytes, int length) {
    hasher.putBytes(bytes, 0, length);
  }

  /** False where the sum is another; true also where the etag is no sum. */
  boolean isRight() {
    String sum = hasher.hash().toString();
    boolean known = file.etag().length() == sum.length() && file.etag().matches("[0-9a-f]+");
    return !known || sum.equals(file.etag());
  }
}
