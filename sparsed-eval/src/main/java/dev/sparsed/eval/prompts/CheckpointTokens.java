package dev.sparsed.eval.prompts;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.SpecialTokens;
import dev.sparsed.text.Tokenizer;
import java.util.Collection;
import java.util.List;

/** Questions as a checkpoint's model is fed them, and its answers as text. */
public final class CheckpointTokens {

  /** Tokens that end a turn of a conversation, whatever the configuration calls the end of text. */
  private static final ImmutableSet<String> ENDS_OF_TURN =
      ImmutableSet.of("<|im_end|>", "<|eot_id|>");

  private final Tokenizer tokenizer;
  private final ImmutableSet<Integer> ends;

  /**
   * For the tokens of a checkpoint.
   *
   * @param tokenizer its tokenizer, which stays the caller's
   * @param endTokens what its configuration calls the end of text, possibly nothing
   */
  public CheckpointTokens(Tokenizer tokenizer, Collection<Integer> endTokens) {
    this.tokenizer = tokenizer;
    ImmutableSet.Builder<Integer> all = ImmutableSet.builder();
    all.addAll(endTokens);
    tokenizer.endOfTextId().ifPresent(all::add);
    ENDS_OF_TURN.forEach(name -> tokenizer.tokenId(name).ifPresent(all::add));
    this.ends = all.build();
  }

  /**
   * A question as a user asks it: rendered with the chat template where there is one.
   *
   * @param text the question
   * @return token ids
   */
  public int[] question(String text) {
    return tokenizer
        .chatTemplate()
        .map(
            chat ->
                tokenizer.encode(
                    chat.render(List.of(ChatMessage.user(text)), true), SpecialTokens.AS_WRITTEN))
        .orElseGet(() -> plain(text));
  }

  /**
   * A text as it is, without the chat template.
   *
   * @param text the text
   * @return token ids
   */
  public int[] plain(String text) {
    return tokenizer.encode(text, SpecialTokens.ADD);
  }

  /**
   * The tokens that end an answer.
   *
   * @return token ids, none if the checkpoint names none
   */
  public ImmutableSet<Integer> ends() {
    return ends;
  }

  /**
   * Length of an answer: tokens up to the first that ends it, that one included.
   *
   * @param generated what the model generated
   * @return number of tokens
   */
  public int length(ImmutableIntArray generated) {
    int end = end(generated);
    return end < generated.length() ? end + 1 : end;
  }

  /**
   * The text of an answer before its end, without special tokens.
   *
   * @param generated what the model generated
   * @return the text
   */
  public String answer(ImmutableIntArray generated) {
    return tokenizer.decode(generated.subArray(0, end(generated)).toArray(), true);
  }

  private int end(ImmutableIntArray generated) {
    int end = 0;
    while (end < generated.length() && !ends.contains(generated.get(end))) {
      end++;
    }
    return end;
  }
}
