package dev.sparsed.examples.eval;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.examples.eval.accuracy.TaskPrompt;
import dev.sparsed.models.text.ChatMessage;
import dev.sparsed.models.text.ChatTemplate;
import dev.sparsed.models.text.SpecialTokens;
import dev.sparsed.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a checkpoint's tokenizer and chat template do with prompts and answers. */
final class CheckpointText implements AutoCloseable {

  /** Tokens that end a turn of a conversation, whatever the configuration calls the end of text. */
  private static final ImmutableSet<String> ENDS_OF_TURN =
      ImmutableSet.of("<|im_end|>", "<|eot_id|>");

  private final Tokenizer tokenizer;
  private final Set<Integer> ends = new TreeSet<>();

  CheckpointText(Path folder, Collection<Integer> endTokens) {
    this.tokenizer = Tokenizer.load(folder);
    ends.addAll(endTokens);
    tokenizer.endOfTextId().ifPresent(ends::add);
    ENDS_OF_TURN.forEach(name -> tokenizer.tokenId(name).ifPresent(ends::add));
  }

  int[] encode(TaskPrompt prompt, boolean chatTemplate) {
    if (!prompt.chat() && !chatTemplate) {
      return tokenizer.encode(prompt.text(), SpecialTokens.ADD);
    }
    ChatTemplate template =
        tokenizer
            .chatTemplate()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the checkpoint has no chat template: leave --apply_chat_template away, and"
                            + " give prompts instead of messages"));
    List<ChatMessage> messages =
        prompt.turns().stream().map(turn -> new ChatMessage(turn.role(), turn.content())).toList();
    return tokenizer.encode(
        template.render(messages, true) + prompt.answerPrefix(), SpecialTokens.AS_WRITTEN);
  }

  int[] encode(String text) {
    return tokenizer.encode(text, SpecialTokens.ADD);
  }

  /** Tokens up to the first that ends the text, that one included. */
  int length(ImmutableIntArray generated) {
    for (int token = 0; token < generated.length(); token++) {
      if (ends.contains(generated.get(token))) {
        return token + 1;
      }
    }
    return generated.length();
  }

  /** The text before its end, without special tokens. */
  String decode(ImmutableIntArray generated) {
    int length = length(generated);
    boolean ended = length > 0 && ends.contains(generated.get(length - 1));
    return tokenizer.decode(generated.subArray(0, ended ? length - 1 : length).toArray(), true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
