package dev.sparsed.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.demo.village.Inquiries;
import dev.sparsed.demo.village.Inquiry;
import dev.sparsed.demo.village.Notes;
import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Makes the tokenizer files of the demo checkpoint. */
final class DemoTokenizer {

  static final String END_OF_TEXT = "<|endoftext|>";
  static final String USER = "<|user|>";
  static final String ASSISTANT = "<|assistant|>";
  static final String END_OF_TURN = "<|end|>";
  static final String MASK = "<|mask|>";

  private static final List<String> SPECIAL_TOKENS =
      List.of(END_OF_TEXT, USER, ASSISTANT, END_OF_TURN, MASK);

  private static final String CHAT_TEMPLATE =
      "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] |"
          + " trim + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>'"
          + " }}{% endif %}";

  private static final int LEARNT_TEXTS = 1500;
  private static final int FACTS = 12;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final Pattern SPECIAL = Pattern.compile("<\\|[a-z]+\\|>");

  private final BytePairTrainer.Encoding encoding;
  private final BytePairEncoder encoder;

  private DemoTokenizer(BytePairTrainer.Encoding encoding) {
    this.encoding = encoding;
    this.encoder = new BytePairEncoder(encoding);
  }

  /** Learns the encoding from texts as the demo's are, so that each of their words is a token. */
  static DemoTokenizer learn(long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LEARNT_TEXTS; i++) {
      Inquiries source = new Inquiries(random);
      List<Inquiry> told = new ArrayList<>();
      for (int fact = 0; fact < FACTS; fact++) {
        told.add(source.single(source.anyRelation()));
      }
      told.add(source.several(2 + random.nextInt(3)));
      told.add(source.chain(source.anyComparable(), 1));
      text.append("Read the notes and answer the question.\n\n")
          .append(String.join(" ", Notes.write(told, FACTS * 80, String::length, random)));
      for (Inquiry inquiry : told) {
        text.append("\n\nQuestion: ")
            .append(inquiry.question())
            .append('\n')
            .append(inquiry.question())
            .append('\n')
            .append(inquiry.answer());
      }
    }
    return new DemoTokenizer(BytePairTrainer.train(text.toString(), 15));
  }

  /** The prompt as the chat template renders it. */
  static String chat(String prompt) {
    return USER + prompt + END_OF_TURN + ASSISTANT;
  }

  int size() {
    return encoding.vocabulary().size() + SPECIAL_TOKENS.size();
  }

  int specialToken(String token) {
    return encoding.vocabulary().size() + SPECIAL_TOKENS.indexOf(token);
  }

  /** Every token that is no special one, as the vocabulary spells it, with its id. */
  ImmutableMap<String, Integer> vocabulary() {
    return encoding.vocabulary();
  }

  void write(Path folder) throws IOException {
    WholeFile.write(folder.resolve("tokenizer.json"), JSON.writeValueAsString(tokenizer()));
    WholeFile.write(
        folder.resolve("tokenizer_config.json"), JSON.writeValueAsString(configuration()));
  }

  /** Token ids of a text, in which special tokens stand as they are written. */
  long[] tokens(String text) {
    LongStream.Builder ids = LongStream.builder();
    Matcher special = SPECIAL.matcher(text);
    int at = 0;
    while (special.find()) {
      Arrays.stream(encoder.encode(text.substring(at, special.start()))).forEach(ids::add);
      ids.add(specialToken(special.group()));
      at = special.end();
    }
    Arrays.stream(encoder.encode(text.substring(at))).forEach(ids::add);
    return ids.build().toArray();
  }

  private ObjectNode tokenizer() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (String token : SPECIAL_TOKENS) {
      added
          .addObject()
          .put("id", specialToken(token))
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.putNull("normalizer");
    byteLevel(root.putObject("pre_tokenizer"));
    root.putNull("post_processor");
    byteLevel(root.putObject("decoder"));
    ObjectNode model = root.putObject("model").put("type", "BPE").put("fuse_unk", false);
    ObjectNode vocabulary = model.putObject("vocab");
    encoding.vocabulary().forEach(vocabulary::put);
    ArrayNode merges = model.putArray("merges");
    encoding.merges().forEach(pair -> merges.add(pair.left() + " " + pair.right()));
    return root;
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }

  private static ObjectNode configuration() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("add_bos_token", false)
        .put("add_eos_token", false)
        .put("bos_token", END_OF_TEXT)
        .put("eos_token", END_OF_TEXT)
        .put("pad_token", END_OF_TEXT)
        .put("mask_token", MASK)
        .put("chat_template", CHAT_TEMPLATE)
        .put("clean_up_tokenization_spaces", false)
        .put("tokenizer_class", "PreTrainedTokenizerFast");
  }
}
