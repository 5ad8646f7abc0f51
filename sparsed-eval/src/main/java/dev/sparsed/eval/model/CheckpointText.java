package dev.sparsed.eval.model;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.ChatTemplate;
import dev.sparsed.text.SpecialTokens;
import dev.sparsed.text.Tokenizer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** What a checkpoint's tokenizer and chat template do with tasks and their answers. */
final class CheckpointText implements AutoCloseable {

  private final Tokenizer tokenizer;
  private final ChatFormat tokens;

  CheckpointText(Path folder, Collection<Integer> endTokens) {
    this.tokenizer = Tokenizer.load(folder);
    this.tokens = new ChatFormat(tokenizer, endTokens);
  }

  int[] encode(TaskPrompt prompt, boolean chatTemplate) {
    if (!prompt.chat() && !chatTemplate) {
      return tokens.plain(prompt.text());
    }
    ChatTemplate template =
        tokenizer
            .chatTemplate()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the checkpoint has no chat template: ask without one, and give prompts"
                            + " instead of messages"));
    List<ChatMessage> messages =
        prompt.turns().stream().map(turn -> new ChatMessage(turn.role(), turn.content())).toList();
    return tokenizer.encode(
        template.render(messages, true) + prompt.answerPrefix(), SpecialTokens.AS_WRITTEN);
  }

  int[] encode(String text) {
    return tokens.plain(text);
  }

  ImmutableSet<Integer> ends() {
    return ImmutableSet.copyOf(Ints.asList(tokens.ends()));
  }

  int length(int[] generated) {
    return tokens.length(generated);
  }

  String decode(int[] generated) {
    return tokens.answer(generated);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
