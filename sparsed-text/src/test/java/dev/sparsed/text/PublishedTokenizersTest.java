package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The structures of published tokenizers, each with a small vocabulary: they load, and give what
 * the native library gives for the same definition.
 */
final class PublishedTokenizersTest {

  private static final Path FAMILIES = Path.of("src/test/resources/dev/sparsed/text/families");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "the quick fox",
          "The quick brown fox jumps over 10 lazy dogs, isn't it?",
          "  two  blanks\n\nand lines\r\n\t\tend  ",
          "Ünïcödé cafe\u0301 \u4e2d\u6587 \ud83d\ude42 \u0926\u0947\u0935 \ufb01 \uff21\u3000x",
          "<|endoftext|><s>a</s>[MASK] [CLS]<mask><|im_start|> <|im_end|>  <extra_id_0>",
          "``quoted'' \u2581 1234567 10.5e-3 __init__(self): return {'a': [1, 2]}",
          "word ".repeat(2000) + "\u4e2d".repeat(500) + "\u0301".repeat(50),
          "x".repeat(3000) + " ".repeat(3000) + "\u0000\u0007\u200b\u2028");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  static Stream<Path> families() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(FAMILIES)) {
      files = all.sorted().toList();
    }
    assertTrue(files.size() > 10);
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void giveWhatTheNativeLibraryGives(Path family) throws Exception {
    String definition = Files.readString(family);
    Files.writeString(folder.resolve("tokenizer.json"), definition);
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        NativeTokenizer reference = NativeTokenizer.create(definition, "reference")) {
      for (String text : TEXTS) {
        for (Tokenizer.SpecialTokens special : Tokenizer.SpecialTokens.values()) {
          int[] expected = reference.encode(text, special == Tokenizer.SpecialTokens.ADD);
          assertArrayEquals(expected, tokenizer.encode(text, special), family + ": " + text);
          long[] ids = Arrays.stream(expected).asLongStream().toArray();
          assertEquals(reference.decode(ids, false), tokenizer.decode(expected, false));
          assertEquals(reference.decode(ids, true), tokenizer.decode(expected, true));
        }
      }
      int[] ids = tokenizer.encode("the quick fox", Tokenizer.SpecialTokens.AS_WRITTEN);
      String decoded = tokenizer.decode(ids, true).replace("</w>", " ").strip(); // CLIP leaves it
      assertEquals("the quick fox", decoded);
    }
  }
}
