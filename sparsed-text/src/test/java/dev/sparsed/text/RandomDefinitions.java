package dev.sparsed.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Random tokenizer definitions: every type of component that the native library knows, nested and
 * out of order, with values that are right, nearly right or absurd. A number stands for a
 * definition, so that any of them can be made again.
 */
final class RandomDefinitions extends RandomModels {

  private static final String[] BEHAVIORS = {
    "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"
  };

  private RandomDefinitions(long seed) {
    super(seed);
  }

  /** The definition of a number. */
  static ObjectNode definition(long number) {
    return new RandomDefinitions(number).definition();
  }

  private ObjectNode definition() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", odd() && chance(0.1) ? "2.0" : "1.0");
    root.set("truncation", odd() ? truncation() : null);
    root.set("padding", odd() ? padding() : null);
    boolean byteLevel = chance(0.3);
    ObjectNode model = model();
    root.set("added_tokens", addedTokens(model));
    root.set("normalizer", orNull(0.4, "normalizers", 4, this::normalizer));
    root.set(
        "pre_tokenizer",
        byteLevel ? byteLevel() : orNull(0.2, "pretokenizers", 4, this::preTokenizer));
    root.set("post_processor", orNull(0.4, "processors", 2, this::processor));
    root.set("decoder", byteLevel ? byteLevel() : orNull(0.2, "decoders", 3, this::decoder));
    root.set("model", model);
    if (odd()) {
      root.remove(pick("decoder", "model", "normalizer", "added_tokens", "version"));
    }
    return root;
  }

  private @Nullable ObjectNode orNull(
      double nulls, String field, int most, Supplier<ObjectNode> component) {
    return chance(nulls) ? null : sequence(field, most, component);
  }

  private ObjectNode sequence(String field, int most, Supplier<ObjectNode> component) {
    if (chance(0.5)) {
      return component.get();
    }
    ObjectNode sequence = typed("Sequence");
    ArrayNode steps = sequence.putArray(field);
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      steps.add(chance(0.08) ? sequence(field, most, component) : component.get());
    }
    if (odd() && !steps.isEmpty()) {
      ObjectNode again = (ObjectNode) steps.get(0);
      int copies = again.toString().length() > 100_000 ? 1 : random.nextInt(40);
      for (int i = 0; i < copies; i++) {
        steps.add(again.deepCopy());
      }
    }
    return sequence;
  }

  private ObjectNode normalizer() {
    return switch (random.nextInt(14)) {
      case 0 -> typed(pick("NFC", "NFD", "NFKC", "NFKD"));
      case 1 -> typed("Nmt");
      case 2, 3 -> typed("Lowercase");
      case 4 -> typed("StripAccents");
      case 5 -> typed("ByteLevel");
      case 6, 7 -> typed("Strip").put("strip_left", flag()).put("strip_right", flag());
      case 8 -> typed("Prepend").put("prepend", content());
      case 9 ->
          typed("BertNormalizer")
              .put("clean_text", flag())
              .put("handle_chinese_chars", flag())
              .put("strip_accents", chance(0.5) ? null : (Boolean) flag())
              .put("lowercase", flag());
      case 10 -> typed("Precompiled").put("precompiled_charsmap", charsmap());
      default -> replace(0.4);
    };
  }

  private ObjectNode replace(double regexes) {
    ObjectNode replace = typed("Replace");
    replace.set("pattern", pattern(regexes));
    return replace.put("content", content());
  }

  private ObjectNode preTokenizer() {
    return switch (random.nextInt(13)) {
      case 0, 1 -> byteLevel();
      case 2, 3, 4 -> {
        ObjectNode split = typed("Split");
        split.set("pattern", pattern(0.6));
        yield split.put("behavior", odd() ? "Nowhere" : pick(BEHAVIORS)).put("invert", chance(0.2));
      }
      case 5 -> typed("Digits").put("individual_digits", flag());
      case 6 -> typed(pick("Whitespace", "WhitespaceSplit", "BertPreTokenizer"));
      case 7 -> typed("UnicodeScripts");
      case 8 -> typed("Punctuation").put("behavior", pick(BEHAVIORS));
      case 9 -> typed("CharDelimiterSplit").put("delimiter", character());
      case 10 -> odd() ? typed("FixedLength").put("length", number(5)) : typed("Whitespace");
      default -> metaspace();
    };
  }

  private ObjectNode metaspace() {
    ObjectNode metaspace =
        typed("Metaspace").put("replacement", chance(0.8) ? "\u2581" : character());
    if (chance(0.7)) {
      metaspace.put("prepend_scheme", pick("first", "never", "always"));
    }
    if (chance(0.1)) {
      metaspace.put("add_prefix_space", flag());
    }
    return chance(0.5) ? metaspace.put("split", flag()) : metaspace;
  }

  private ObjectNode byteLevel() {
    ObjectNode node =
        typed("ByteLevel").put("add_prefix_space", flag()).put("trim_offsets", flag());
    return chance(0.8) ? node.put("use_regex", flag()) : node;
  }

  private ObjectNode processor() {
    return switch (random.nextInt(6)) {
      case 0 -> byteLevel();
      case 1 -> ends(typed("BertProcessing"));
      case 2 ->
          ends(typed("RobertaProcessing"))
              .put("trim_offsets", flag())
              .put("add_prefix_space", flag());
      default -> template();
    };
  }

  private ObjectNode ends(ObjectNode processor) {
    processor.putArray("sep").add(text()).add(id());
    processor.putArray("cls").add(text()).add(id());
    return processor;
  }

  private ObjectNode template() {
    ObjectNode template = typed("TemplateProcessing");
    ObjectNode tokens = JSON.createObjectNode();
    for (String name : new String[] {"[CLS]", "[SEP]"}) {
      ObjectNode token = tokens.putObject(name).put("id", odd() ? "other" : name);
      ArrayNode ids = token.putArray("ids");
      ArrayNode texts = token.putArray("tokens");
      for (int i = odd() ? number(3) % 3000 : 1; i > 0; i--) {
        ids.add(id());
        texts.add(odd() ? "y".repeat(5000) : name);
      }
    }
    pieces(template.putArray("single"), false);
    pieces(template.putArray("pair"), true);
    template.set("special_tokens", odd() ? JSON.createObjectNode() : tokens);
    return template;
  }

  private void pieces(ArrayNode pieces, boolean pair) {
    int before = chance(0.6) ? odd() ? 100_000 : 1 : 0;
    int after = chance(0.6) ? 1 : 0;
    int texts = odd() ? random.nextInt(4) : 1;
    for (int i = 0; i < before; i++) {
      pieces.addObject().putObject("SpecialToken").put("id", "[CLS]").put("type_id", 0);
    }
    for (int i = 0; i < texts; i++) {
      String id = odd() ? pick("B", "C", "A") : "A";
      pieces.addObject().putObject("Sequence").put("id", id).put("type_id", 0);
    }
    if (pair) {
      pieces.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
    }
    for (int i = 0; i < after; i++) {
      pieces.addObject().putObject("SpecialToken").put("id", "[SEP]").put("type_id", 0);
    }
  }

  private ObjectNode decoder() {
    return switch (random.nextInt(11)) {
      case 0 -> byteLevel();
      case 1, 2, 3 -> replace(0.1);
      case 4 -> typed("Fuse");
      case 5 -> typed("ByteFallback");
      case 6 -> metaspace();
      case 7 ->
          typed("WordPiece").put("prefix", chance(0.7) ? "##" : text()).put("cleanup", flag());
      case 8 -> typed("BPEDecoder").put("suffix", chance(0.7) ? "</w>" : text());
      case 9 ->
          typed("CTC")
              .put("pad_token", text())
              .put("word_delimiter_token", text())
              .put("cleanup", flag());
      default ->
          typed("Strip")
              .put("content", character())
              .put("start", number(1))
              .put("stop", odd() ? number(1) : 0);
    };
  }

  /** A table with one key, mostly whole. */
  private String charsmap() {
    int[] units = new int[256 * (odd() ? random.nextInt(3) : 1)];
    byte[] replacements = (text() + "\0" + text() + "\0").getBytes(StandardCharsets.UTF_8);
    if (units.length > 0) {
      units[0] = 1 << 10; // the root's children lie at its offset
      int label = chance(0.5) ? 'a' : 1 + random.nextInt(255);
      int node = 1 ^ label;
      int leaf = 2 + random.nextInt(100);
      units[node] = label | 1 << 8 | ((node ^ leaf) << 10);
      units[leaf] = odd() ? random.nextInt() : 0x8000_0000;
      if (odd()) {
        units[random.nextInt(units.length)] = random.nextInt();
      }
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + 4 * units.length + replacements.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(odd() ? random.nextInt() : 4 * units.length);
    for (int unit : units) {
      bytes.putInt(unit);
    }
    return Base64.getEncoder().encodeToString(bytes.put(replacements).array());
  }

  private ObjectNode truncation() {
    return JSON.createObjectNode()
        .put("direction", "Right")
        .put("max_length", number(2))
        .put("strategy", "LongestFirst")
        .put("stride", number(9));
  }

  private ObjectNode padding() {
    ObjectNode padding = JSON.createObjectNode();
    padding.putObject("strategy").put("Fixed", number(10) % 1_000_000_000);
    return padding
        .put("direction", "Left")
        .put("pad_to_multiple_of", number(8))
        .put("pad_id", 0)
        .put("pad_type_id", 0)
        .put("pad_token", text());
  }
}
