package dev.sparsed.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.eval.accuracy.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Tiny models of random weights with a tokenizer that they have enough tokens for. */
public final class TinyCheckpoint {

  private static final Path MODELS =
      Path.of("../sparsed-models/src/test/resources/goldens/checkpoints");

  private TinyCheckpoint() {}

  /** Writes a model of the goldens, a token per byte, and no chat template. */
  public static Path write(Path folder, String model) throws IOException {
    try (Stream<Path> files = Files.list(MODELS.resolve(model))) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            folder.resolve(file.getFileName().toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.writeString(folder.resolve("tokenizer.json"), byteTokenizer());
    return folder;
  }

  /** The same with a chat template. */
  public static Path writeWithTemplate(Path folder, String model) throws IOException {
    ObjectNode config = JsonLines.MAPPER.createObjectNode();
    config.put(
        "chat_template",
        "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}");
    write(folder, model);
    Files.writeString(folder.resolve("tokenizer_config.json"), config.toString());
    return folder;
  }

  /** A token per byte, as the tiny models know no more than 320 tokens. */
  private static String byteTokenizer() {
    ObjectNode root = JsonLines.MAPPER.createObjectNode().put("version", "1.0");
    ObjectNode end = root.putArray("added_tokens").addObject();
    end.put("id", 256).put("content", "<|endoftext|>").put("special", true);
    end.put("single_word", false).put("lstrip", false).put("rstrip", false);
    end.put("normalized", false);
    for (String part : new String[] {"pre_tokenizer", "decoder"}) {
      root.putObject(part)
          .put("type", "ByteLevel")
          .put("add_prefix_space", false)
          .put("trim_offsets", true)
          .put("use_regex", false);
    }
    ObjectNode bytePairs = root.putObject("model").put("type", "BPE");
    bytePairs.putArray("merges");
    ObjectNode vocabulary = bytePairs.putObject("vocab");
    int shifted = 256;
    for (int value = 0; value < 256; value++) {
      // GPT-2's alphabet: bytes without a visible sign are moved behind the others.
      boolean visible = (value > ' ' && value <= '~') || (value >= 0xA1 && value != 0xAD);
      vocabulary.put(String.valueOf((char) (visible ? value : shifted++)), value);
    }
    return root.toString();
  }
}
