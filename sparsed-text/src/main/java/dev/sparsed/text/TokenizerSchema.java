package dev.sparsed.text;

import com.google.common.collect.ImmutableMap;

/** What a tokenizer's definition may be made of: components by name, and the fields of each. */
final class TokenizerSchema {

  /** What a component's field must be; those named so may be missing, or missing or null. */
  enum Field {
    ANY,
    ABSENT,
    FLAG,
    FLAG_OPT,
    FLAG_OR_NULL,
    TEXT,
    TEXT_OPT,
    CHARACTER,
    BEHAVIOR,
    BEHAVIOR_OPT,
    SCHEME_OPT,
    COUNT,
    ZERO,
    PATTERN,
    TOKEN_AND_ID,
    TEMPLATE,
    PAIR_TEMPLATE,
    TEMPLATE_TOKENS
  }

  private static final ImmutableMap<String, Field> NOTHING = ImmutableMap.of();
  private static final ImmutableMap<String, Field> BYTE_LEVEL =
      ImmutableMap.of(
          "add_prefix_space", Field.FLAG, "trim_offsets", Field.FLAG, "use_regex", Field.FLAG_OPT);
  private static final ImmutableMap<String, Field> REPLACE =
      ImmutableMap.of("pattern", Field.PATTERN, "content", Field.TEXT);
  private static final ImmutableMap<String, Field> METASPACE =
      ImmutableMap.of(
          "replacement", Field.CHARACTER,
          "prepend_scheme", Field.SCHEME_OPT,
          "split", Field.FLAG_OR_NULL,
          "add_prefix_space", Field.FLAG_OR_NULL,
          "str_rep", Field.TEXT_OPT);

  static final ImmutableMap<String, ImmutableMap<String, Field>> NORMALIZERS =
      ImmutableMap.<String, ImmutableMap<String, Field>>builder()
          .put("NFC", NOTHING)
          .put("NFD", NOTHING)
          .put("NFKC", NOTHING)
          .put("NFKD", NOTHING)
          .put("Nmt", NOTHING)
          .put("Lowercase", NOTHING)
          .put("StripAccents", NOTHING)
          .put("ByteLevel", NOTHING)
          .put("Strip", ImmutableMap.of("strip_left", Field.FLAG, "strip_right", Field.FLAG))
          .put("Replace", REPLACE)
          .put("Prepend", ImmutableMap.of("prepend", Field.TEXT))
          .put("Precompiled", ImmutableMap.of("precompiled_charsmap", Field.TEXT))
          .put(
              "BertNormalizer",
              ImmutableMap.of(
                  "clean_text", Field.FLAG,
                  "handle_chinese_chars", Field.FLAG,
                  "strip_accents", Field.FLAG_OR_NULL,
                  "lowercase", Field.FLAG))
          .buildOrThrow();

  static final ImmutableMap<String, ImmutableMap<String, Field>> PRE_TOKENIZERS =
      ImmutableMap.<String, ImmutableMap<String, Field>>builder()
          .put("ByteLevel", BYTE_LEVEL)
          .put(
              "Split",
              ImmutableMap.of(
                  "pattern", Field.PATTERN, "behavior", Field.BEHAVIOR, "invert", Field.FLAG))
          .put("Digits", ImmutableMap.of("individual_digits", Field.FLAG))
          .put("Whitespace", NOTHING)
          .put("WhitespaceSplit", NOTHING)
          .put("BertPreTokenizer", NOTHING)
          .put("UnicodeScripts", NOTHING)
          .put("Punctuation", ImmutableMap.of("behavior", Field.BEHAVIOR_OPT))
          .put("CharDelimiterSplit", ImmutableMap.of("delimiter", Field.CHARACTER))
          .put("Metaspace", METASPACE)
          .buildOrThrow();

  static final ImmutableMap<String, ImmutableMap<String, Field>> POST_PROCESSORS =
      ImmutableMap.of(
          "ByteLevel", BYTE_LEVEL,
          "BertProcessing", ImmutableMap.of("sep", Field.TOKEN_AND_ID, "cls", Field.TOKEN_AND_ID),
          "RobertaProcessing",
              ImmutableMap.of(
                  "sep", Field.TOKEN_AND_ID,
                  "cls", Field.TOKEN_AND_ID,
                  "trim_offsets", Field.FLAG,
                  "add_prefix_space", Field.FLAG),
          "TemplateProcessing",
              ImmutableMap.of(
                  "single", Field.TEMPLATE,
                  "pair", Field.PAIR_TEMPLATE,
                  "special_tokens", Field.TEMPLATE_TOKENS));

  static final ImmutableMap<String, ImmutableMap<String, Field>> DECODERS =
      ImmutableMap.<String, ImmutableMap<String, Field>>builder()
          .put("ByteLevel", BYTE_LEVEL)
          .put("Replace", REPLACE)
          .put("Fuse", NOTHING)
          .put("ByteFallback", NOTHING)
          .put("Metaspace", METASPACE)
          .put("WordPiece", ImmutableMap.of("prefix", Field.TEXT, "cleanup", Field.FLAG))
          .put("BPEDecoder", ImmutableMap.of("suffix", Field.TEXT))
          // Cutting at the end runs over short tokens in the native code.
          .put(
              "Strip",
              ImmutableMap.of("content", Field.CHARACTER, "start", Field.COUNT, "stop", Field.ZERO))
          .buildOrThrow();

  static final ImmutableMap<String, ImmutableMap<String, Field>> MODELS =
      ImmutableMap.of(
          "BPE",
              ImmutableMap.<String, Field>builder()
                  .put("dropout", Field.ABSENT)
                  .put("unk_token", Field.TEXT_OPT)
                  .put("continuing_subword_prefix", Field.TEXT_OPT)
                  .put("end_of_word_suffix", Field.TEXT_OPT)
                  .put("fuse_unk", Field.FLAG_OR_NULL)
                  .put("byte_fallback", Field.FLAG_OR_NULL)
                  .put("ignore_merges", Field.FLAG_OR_NULL)
                  .put("vocab", Field.ANY)
                  .put("merges", Field.ANY)
                  .buildOrThrow(),
          "WordPiece",
              ImmutableMap.of(
                  "unk_token", Field.TEXT,
                  "continuing_subword_prefix", Field.TEXT,
                  "max_input_chars_per_word", Field.COUNT,
                  "vocab", Field.ANY),
          "WordLevel", ImmutableMap.of("unk_token", Field.TEXT, "vocab", Field.ANY),
          "Unigram",
              ImmutableMap.of(
                  "unk_id", Field.COUNT, "byte_fallback", Field.FLAG_OPT, "vocab", Field.ANY));

  private TokenizerSchema() {}
}
