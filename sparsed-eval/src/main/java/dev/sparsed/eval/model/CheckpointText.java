package dev.sparsed.eval.model;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.ChatTemplate;
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

  /** What a model is given: a prompt, or a text with gaps. */
  void addTo(GenerationRequest.Builder request, TaskPrompt prompt, boolean chatTemplate) {
    if (prompt.gaps().isPresent()) {
      request.canvas(prompt.gaps().get().canvas(tokens));
    } else {
      request.prompt(encode(prompt, chatTemplate));
    }
  }

  /** Number of tokens that {@link #addTo} gives. */
  int length(TaskPrompt prompt, boolean chatTemplate) {
    return prompt
        .gaps()
        .map(gaps -> gaps.canvas(tokens).given().size())
        .orElseGet(() -> encode(prompt, chatTemplate).length);
  }

  /** The text of an answer, or those of gaps, one per line. */
  String answer(TaskPrompt prompt, List<int[]> filled) {
    return prompt
        .gaps()
        .map(gaps -> String.join("\n", gaps.texts(filled, tokens)))
        .orElseGet(() -> decode(filled.get(0)));
  }

  private int[] encode(TaskPrompt prompt, boolean chatTemplate) {
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
        template.render(messages, true) + prompt.answerPrefix(),
        Tokenizer.SpecialTokens.AS_WRITTEN);
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

  private String decode(int[] generated) {
    return tokens.answer(generated);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
