package dev.sparsed.models;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.Tokenizer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * How a checkpoint writes conversations: what its model is fed for a question, where an answer
 * ends, and what the answer reads as. Safe for several threads.
 */
public final class ChatFormat {

  private final Tokenizer tokenizer;
  private final ImmutableSet<Integer> ends;

  /**
   * For a checkpoint.
   *
   * @param tokenizer its tokenizer, which stays the caller's
   * @param endTokens what its configuration calls the end of text, possibly nothing
   */
  public ChatFormat(Tokenizer tokenizer, Collection<Integer> endTokens) {
    this.tokenizer = tokenizer;
    ImmutableSet.Builder<Integer> all = ImmutableSet.builder();
    all.addAll(endTokens);
    tokenizer.endOfTextId().ifPresent(all::add);
    ModelFamily.ENDS_OF_TURN.forEach(name -> tokenizer.tokenId(name).ifPresent(all::add));
    this.ends = all.build();
  }

  /**
   * A question as a user asks it: rendered with the chat template where there is one.
   *
   * @param text the question
   * @return token ids
   * @throws dev.sparsed.text.ChatTemplateException if the template cannot be rendered
   */
  public int[] question(String text) {
    return tokenizer.chatTemplate().isPresent()
        ? conversation(List.of(ChatMessage.user(text)))
        : plain(text);
  }

  /**
   * A conversation, up to where the model answers.
   *
   * @param messages the turns so far, the last one to be answered
   * @return token ids
   * @throws IllegalArgumentException if the checkpoint has no chat template
   * @throws dev.sparsed.text.ChatTemplateException if the template cannot be rendered
   */
  public int[] conversation(List<ChatMessage> messages) {
    String text =
        tokenizer
            .chatTemplate()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the checkpoint has no chat template, so that it takes no conversation;"
                            + " give the text itself as a prompt"))
            .render(messages, true);
    return tokenizer.encode(text, Tokenizer.SpecialTokens.AS_WRITTEN);
  }

  /**
   * A text as it is, without the chat template.
   *
   * @param text the text
   * @return token ids
   */
  public int[] plain(String text) {
    return tokenizer.encode(text, Tokenizer.SpecialTokens.ADD);
  }

  /**
   * A piece of a text, without the special tokens that stand around a whole one.
   *
   * @param text the piece; special tokens that are written in it count as such
   * @return token ids
   */
  int[] asWritten(String text) {
    return tokenizer.encode(text, Tokenizer.SpecialTokens.AS_WRITTEN);
  }

  /**
   * The tokens that end an answer.
   *
   * @return token ids, none if the checkpoint names none
   */
  public int[] ends() {
    return ends.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Length of an answer: tokens up to the first that ends it, that one included.
   *
   * @param generated what the model generated
   * @return number of tokens
   */
  public int length(int[] generated) {
    int end = end(generated);
    return end < generated.length ? end + 1 : end;
  }

  /**
   * The text of an answer before its end, without special tokens.
   *
   * @param generated what the model generated
   * @return the text
   */
  public String answer(int[] generated) {
    return tokenizer.decode(Arrays.copyOf(generated, end(generated)), true);
  }

  private int end(int[] generated) {
    int end = 0;
    while (end < generated.length && !ends.contains(generated[end])) {
      end++;
    }
    return end;
  }
}
