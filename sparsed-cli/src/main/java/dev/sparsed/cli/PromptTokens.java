package dev.sparsed.cli;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.eval.prompts.Prompt;
import dev.sparsed.eval.prompts.PromptSource;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.GapText;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.text.ChatTemplateException;
import dev.sparsed.text.Tokenizer;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** Turns prompts into what a checkpoint's model is fed, and its tokens back into text. */
final class PromptTokens implements AutoCloseable {

  private final Tokenizer tokenizer;
  private final ChatFormat tokens;
  private final boolean raw;

  /**
   * Reads the tokenizer of a checkpoint.
   *
   * @param location the checkpoint
   * @param endTokens what its configuration calls the end of text
   * @param raw whether prompts are fed without the chat template
   */
  PromptTokens(ModelArguments.Location location, Collection<Integer> endTokens, boolean raw) {
    this.tokenizer = Tokenizer.load(location.folder());
    this.tokens = new ChatFormat(tokenizer, endTokens);
    this.raw = raw;
  }

  /** Reads the prompt; named lengths count the tokens that {@link #encode} gives. */
  Prompt read(PromptSource source) throws IOException {
    Prompt read = source.read(text -> encode(text).length, System.in);
    Prompt prompt = raw ? read : read.withoutLastLineEnds();
    if (raw ? prompt.text().isEmpty() : prompt.text().isBlank()) {
      throw new BadUseException("the prompt is empty; --prompt or --prompt_text must give one");
    }
    return prompt;
  }

  /** Renders the chat template, where there is one, and encodes. */
  int[] encode(String text) {
    try {
      return raw ? tokens.plain(text) : tokens.question(text);
    } catch (IllegalArgumentException | ChatTemplateException e) {
      throw new BadUseException(e);
    }
  }

  /** The generated text up to its end, special tokens left out. */
  String decode(int[] generated) {
    return tokens.answer(generated).strip();
  }

  /** What a model is given for a text with gaps. */
  Canvas canvas(GapText gaps) {
    return gaps.canvas(tokens);
  }

  /** The texts that the gaps were filled with. */
  List<String> texts(GapText gaps, List<int[]> filled) {
    return gaps.texts(filled, tokens);
  }

  /** How an answer is shown while it is denoised. */
  LiveText live(int promptLength, int maskToken) {
    return live(List.of(new Canvas.Gap(promptLength, Integer.MAX_VALUE - promptLength)), maskToken);
  }

  /** How gaps are shown while they are filled in. */
  LiveText live(List<Canvas.Gap> gaps, int maskToken) {
    return new LiveText(
        gaps,
        maskToken,
        ImmutableSet.copyOf(Ints.asList(ends())),
        part -> tokenizer.decode(part, true));
  }

  /** The tokens that end a text. */
  int[] ends() {
    return tokens.ends();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
