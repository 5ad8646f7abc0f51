package dev.sparsed.examples.cli;

import dev.sparsed.examples.prompts.Prompt;
import dev.sparsed.models.text.ChatMessage;
import dev.sparsed.models.text.ChatTemplate;
import dev.sparsed.models.text.SpecialTokens;
import dev.sparsed.models.text.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns prompts into what a checkpoint's model is fed, and its tokens back into text. */
final class PromptTokens implements AutoCloseable {

  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> template;

  /**
   * Reads the tokenizer of a checkpoint.
   *
   * @param location the checkpoint
   * @param raw whether prompts are fed without the chat template
   */
  PromptTokens(ModelArguments.Location location, boolean raw) {
    this.tokenizer = Tokenizer.load(location.folder());
    this.template = raw ? Optional.empty() : tokenizer.chatTemplate();
  }

  /** Reads the prompt; named lengths count the tokens that {@link #encode} gives. */
  Prompt read(PromptArguments arguments) throws IOException {
    Prompt prompt = arguments.source().read(text -> encode(text).length, System.in);
    if (prompt.text().isBlank()) {
      throw new BadUseException("the prompt is empty");
    }
    return prompt;
  }

  /** Renders the chat template, where there is one, and encodes. */
  int[] encode(String text) {
    return template
        .map(
            chat ->
                tokenizer.encode(
                    chat.render(List.of(ChatMessage.user(text)), true), SpecialTokens.AS_WRITTEN))
        .orElseGet(() -> tokenizer.encode(text, SpecialTokens.ADD));
  }

  /** The generated text up to its end, special tokens left out. */
  String decode(int[] generated) {
    int end = generated.length;
    @Nullable Integer endOfText =
        tokenizer.endOfTextId().isPresent() ? tokenizer.endOfTextId().getAsInt() : null;
    for (int i = 0; i < generated.length && endOfText != null; i++) {
      if (generated[i] == endOfText) {
        end = i;
        break;
      }
    }
    return tokenizer.decode(Arrays.copyOf(generated, end), true).strip();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
