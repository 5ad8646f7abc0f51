package dev.sparsed.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random values for a tokenizer definition: right, nearly right or absurd. */
class RandomValues {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final String[] REGEXES = {
    "\\s+",
    "\\s*[\\r\\n]+",
    "a",
    "a*",
    "x?",
    "(?=a)",
    "\\b",
    "^",
    "$",
    "\\s+$",
    "[a-c]+d",
    " {2,}",
    "(a|b)+c",
    "(?:ab){2,3}",
    "\\p{L}+",
    "\\p{N}{1,3}",
    "[^\\s\\p{L}]+[\\r\\n]*",
    ".",
    ".+",
    ".*?",
    "a++b",
    "(?i)a|b+c",
    "a{50}",
    "(?:a{50}){50}",
    "\\X",
    "(?<x>a)\\g<x>",
    "[[:alpha:]]+",
    "[",
    "\\p{Nonsense}",
    "\\p{Han}+",
    "a|b|cd|",
    "(?!a)b",
    "(?<=a)b",
    "(?<!\\s)a",
    "\\d+(?!\\d)",
    "[\\p{L}]+|[\\p{N}]",
    "\\s?[A-Za-z]+",
    "é|\\u0301",
    "",
    "[ab]+(?:c|d)",
    "(?:a+b)?c",
    "a+?b",
    "x*(?i)y|z*w",
    "(a{9}){9}?",
    "[a&&b]+c",
    "\\p{Lu}*\\p{Ll}+",
    "(?i:ss)+",
    "[\\s\\S]+$",
    PublishedPatterns.QWEN2,
    PublishedPatterns.GPT2
  };

  private static final String[] TEXTS = {
    "a",
    "b",
    "ab",
    "aa",
    " ",
    "  ",
    "\u2581",
    "é",
    "e\u0301",
    "\u0301",
    "中",
    "🙂",
    "\ufdfa",
    "İ",
    "<s>",
    "</s>",
    "<unk>",
    "[UNK]",
    "[CLS]",
    "##",
    "Ġ",
    "Ċ",
    "<0x41>",
    "<0xé>",
    "\n",
    "\t",
    "\0",
    "\u200b",
    "\u0344",
    "x",
    "1",
    ".",
    ",",
    "'s",
    "</w>",
    "",
    "\ufb2c",
    "\u1e9b\u0323",
    "가",
    "\u1112\u1161"
  };

  private static final int[] NUMBERS = {0, 1, 7, 1000, 1 << 20, Integer.MAX_VALUE};

  final Random random;

  /** How often a value is absurd. */
  private final double oddness;

  RandomValues(long seed) {
    random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
    oddness = List.of(0.0, 0.0, 0.01, 0.05).get(random.nextInt(4));
  }

  /** Texts to try on the definition of a number: short and long, plain and strange. */
  static List<String> texts(long number, int count) {
    RandomValues values = new RandomValues(~number);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length =
          switch (values.random.nextInt(200)) {
            case 0 -> 100_000;
            case 1, 2, 3, 4, 5, 6 -> 5_000;
            default -> values.random.nextInt(30);
          };
      texts.add(values.textOf(length));
    }
    return texts;
  }

  private String textOf(int pieces) {
    if (chance(0.4)) {
      return text().repeat(pieces) + (chance(0.5) ? "x" : text());
    }
    StringBuilder builder = new StringBuilder();
    String[] few = {text(), text(), chance(0.2) ? anything() : text()};
    for (int i = 0; i < pieces; i++) {
      builder.append(chance(0.5) ? few[random.nextInt(3)] : pieces < 100 ? text() : "");
    }
    return builder.toString();
  }

  private String anything() {
    StringBuilder builder = new StringBuilder();
    for (int i = random.nextInt(8); i >= 0; i--) {
      int c = random.nextInt(chance(0.7) ? 0x3000 : 0x110000);
      builder.appendCodePoint(c >= 0xD800 && c < 0xE000 ? 0x301 : c);
    }
    return builder.toString();
  }

  ObjectNode typed(String type) {
    return JSON.createObjectNode().put("type", odd() && chance(0.2) ? type + "s" : type);
  }

  ObjectNode pattern(double regexes) {
    ObjectNode pattern = JSON.createObjectNode();
    if (chance(regexes)) {
      return pattern.put("Regex", pick(REGEXES));
    }
    return pattern.put("String", odd() ? "a".repeat(number(9) % 10_000) : text());
  }

  /** What takes the place of a match. */
  String content() {
    if (odd()) {
      return text().repeat(1000);
    }
    return chance(0.1) ? text() + text() : text();
  }

  String text() {
    return pick(TEXTS);
  }

  String character() {
    String text = text();
    return text.isEmpty() || odd() ? "a" : Character.toString(text.codePointAt(0));
  }

  int id() {
    return odd() ? number(1) : random.nextInt(300);
  }

  int number(int usual) {
    return odd() ? NUMBERS[random.nextInt(NUMBERS.length)] : usual;
  }

  boolean flag() {
    return random.nextBoolean();
  }

  boolean odd() {
    return chance(oddness);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  String pick(String... values) {
    return values[random.nextInt(values.length)];
  }
}
