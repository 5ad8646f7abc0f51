package dev.sparsed.demo;

/**
 * The printable character that stands for each byte in a byte-level vocabulary. Printable Latin-1
 * characters stand for themselves; the others are moved, in order, to the characters from 256 on.
 */
final class ByteAlphabet {

  private static final String[] SYMBOLS = symbols();

  private ByteAlphabet() {}

  static String symbol(int value) {
    return SYMBOLS[value];
  }

  private static String[] symbols() {
    String[] symbols = new String[256];
    int moved = 256;
    for (int value = 0; value < 256; value++) {
      symbols[value] = Character.toString(isPrintable(value) ? value : moved++);
    }
    return symbols;
  }

  private static boolean isPrintable(int value) {
    return (value >= '!' && value <= '~')
        || (value >= 0xA1 && value <= 0xAC)
        || (value >= 0xAE && value <= 0xFF);
  }
}
