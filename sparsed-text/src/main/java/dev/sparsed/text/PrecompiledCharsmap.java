package dev.sparsed.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * The normalisation table of a SentencePiece model: a double array over bytes (four little-endian
 * bytes each, their number first) whose leaves point to replacements in a text with a NUL behind
 * each. Native code follows every pointer unchecked, so all that can be reached is walked here.
 */
final class PrecompiledCharsmap {

  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_REPLACEMENT = 128;
  private static final int ASCII = 0x80;

  private final int[] units;
  private final byte[] replacements;
  private int asciiGrowth = 1;
  private int otherGrowth = 1;
  private boolean removesWords;

  private PrecompiledCharsmap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /**
   * @throws IllegalArgumentException if the table is not whole; the message says why
   */
  static PrecompiledCharsmap read(String base64) {
    if (base64.length() > MAX_BYTES) {
      throw new IllegalArgumentException("it has more than " + MAX_BYTES + " characters");
    }
    byte[] bytes = Base64.getDecoder().decode(base64);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long size = bytes.length < 4 ? -1 : Integer.toUnsignedLong(buffer.getInt());
    if (size < 1024 || size % 1024 != 0 || size > buffer.remaining()) {
      throw new IllegalArgumentException("its size is not that of a table");
    }
    int[] units = new int[(int) size / 4];
    buffer.asIntBuffer().get(units);
    byte[] replacements = new byte[buffer.remaining() - (int) size];
    buffer.position(buffer.position() + (int) size);
    buffer.get(replacements);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("its replacements are not UTF-8", e);
    }
    PrecompiledCharsmap map = new PrecompiledCharsmap(units, replacements);
    map.walk();
    return map;
  }

  /** Bytes that a byte of ASCII becomes at most. */
  int asciiGrowth() {
    return asciiGrowth;
  }

  /** Bytes that any other byte becomes at most. */
  int otherGrowth() {
    return otherGrowth;
  }

  /** Whether a letter or digit of ASCII may be removed. */
  boolean removesWords() {
    return removesWords;
  }

  private void walk() {
    walk(Keys.OF_ASCII);
    walk(Keys.ALL);
    walk(Keys.OF_WORDS);
  }

  /** Parts of the keys that are bounded apart; they may share what the table has for them. */
  private enum Keys {
    OF_ASCII,
    ALL,
    OF_WORDS
  }

  private void walk(Keys keys) {
    BitSet seen = new BitSet();
    Deque<Integer> nodes = new ArrayDeque<>();
    int last = keys == Keys.OF_ASCII ? ASCII - 1 : 255;
    int root = offset(units[0]);
    for (int first = 1; first <= last; first++) {
      if (keys == Keys.OF_WORDS && (first >= ASCII || !Character.isLetterOrDigit(first))) {
        continue;
      }
      follow(root, first, keys, seen, nodes);
      while (!nodes.isEmpty()) {
        int node = nodes.pop();
        for (int label = 1; label <= last; label++) {
          follow(node, label, keys, seen, nodes);
        }
      }
    }
  }

  private void follow(int node, int label, Keys keys, BitSet seen, Deque<Integer> nodes) {
    int unit = units[inside(node ^ label)];
    if ((unit & 0x8000_00FF) != label) {
      return;
    }
    int next = inside(node ^ label ^ offset(unit));
    if ((unit >>> 8 & 1) == 1) {
      leaf(units[next] & 0x7FFF_FFFF, keys);
    }
    if (!seen.get(next)) {
      seen.set(next);
      nodes.push(next);
    }
  }

  private void leaf(int start, Keys keys) {
    if (start > replacements.length
        || (start < replacements.length && (replacements[start] & 0xC0) == 0x80)) {
      throw new IllegalArgumentException("it points between or behind its replacements");
    }
    int end = start;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
      if (end - start > MAX_REPLACEMENT) {
        throw new IllegalArgumentException(
            "a replacement has more than " + MAX_REPLACEMENT + " bytes");
      }
    }
    switch (keys) {
      case OF_ASCII -> asciiGrowth = Math.max(asciiGrowth, end - start);
      // A key with another character has at least two bytes of it.
      case ALL -> otherGrowth = Math.max(otherGrowth, (end - start + 1) / 2);
      case OF_WORDS -> removesWords |= mayBeRemoved(start, end);
    }
  }

  /** Whether a replacement is empty, or of characters that other normalizers remove. */
  private boolean mayBeRemoved(int start, int end) {
    return new String(replacements, start, end - start, StandardCharsets.UTF_8)
        .codePoints()
        .allMatch(
            c ->
                switch (Character.getType(c)) {
                  case Character.NON_SPACING_MARK,
                      Character.COMBINING_SPACING_MARK,
                      Character.ENCLOSING_MARK,
                      Character.CONTROL,
                      Character.FORMAT,
                      Character.UNASSIGNED,
                      Character.PRIVATE_USE,
                      Character.SPACE_SEPARATOR,
                      Character.LINE_SEPARATOR,
                      Character.PARAGRAPH_SEPARATOR ->
                      true;
                  default -> false;
                });
  }

  private int inside(int position) {
    if (position < 0 || position >= units.length) {
      throw new IllegalArgumentException("it points behind its end");
    }
    return position;
  }

  private static int offset(int unit) {
    // As in the native code, where the unit is wider than 32 bits: what this shifts out is far
    // behind the end of any table.
    long wide = Integer.toUnsignedLong(unit);
    long offset = wide >>> 10 << ((wide & 1 << 9) >>> 6);
    return offset > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) offset;
  }
}
