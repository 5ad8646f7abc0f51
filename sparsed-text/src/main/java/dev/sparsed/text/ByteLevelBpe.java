package dev.sparsed.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the definition of Dream's tokenizer, which is published as vocab.json and merges.txt
 * without a tokenizer.json: byte-level byte-pair encoding after NFC normalisation, words split as
 * in Qwen2, every digit on its own.
 */
final class ByteLevelBpe {

  static final String VOCABULARY_FILE = "vocab.json";
  static final String MERGES_FILE = "merges.txt";

  private ByteLevelBpe() {}

  /** The definition without added tokens, in the form of a tokenizer.json. */
  static ObjectNode definition(TokenizerFolder folder) {
    ObjectNode definition = TokenizerFolder.JSON.createObjectNode();
    definition.put("version", "1.0");
    definition.putNull("truncation");
    definition.putNull("padding");
    definition.putArray("added_tokens");
    definition.putObject("normalizer").put("type", "NFC");
    ObjectNode preTokenizer = definition.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode steps = preTokenizer.putArray("pretokenizers");
    ObjectNode split = steps.addObject().put("type", "Split");
    split.putObject("pattern").put("Regex", SplitPattern.QWEN2);
    split.put("behavior", "Isolated").put("invert", false);
    byteLevel(steps.addObject());
    definition.putNull("post_processor");
    byteLevel(definition.putObject("decoder"));
    ObjectNode model = definition.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", folder.object(VOCABULARY_FILE));
    ArrayNode merges = model.putArray("merges");
    for (String[] merge : merges(folder)) {
      merges.addArray().add(merge[0]).add(merge[1]);
    }
    return definition;
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel").put("add_prefix_space", false);
    node.put("trim_offsets", false).put("use_regex", false);
  }

  private static List<String[]> merges(TokenizerFolder folder) {
    List<String[]> merges = new ArrayList<>();
    int number = 0;
    for (String line : (Iterable<String>) folder.text(MERGES_FILE).lines()::iterator) {
      number++;
      String merge = line.strip();
      if (merge.isEmpty() || (number == 1 && merge.startsWith("#version:"))) {
        continue;
      }
      int space = merge.indexOf(' ');
      if (space < 0 || merge.indexOf(' ', space + 1) >= 0) {
        throw new TokenizerException(
            folder.path(MERGES_FILE)
                + ", line "
                + number
                + ": a merge is two tokens with one space between, this is \""
                + merge
                + "\"; download the checkpoint again");
      }
      merges.add(new String[] {merge.substring(0, space), merge.substring(space + 1)});
    }
    return merges;
  }
}
