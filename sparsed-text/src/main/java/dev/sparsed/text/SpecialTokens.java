package dev.sparsed.text;

/**
 * What {@link Tokenizer#encode} does about special tokens such as {@code <|im_start|>}. In every
 * policy a special token written out in the text becomes its own id.
 */
public enum SpecialTokens {
  /**
   * Also add what the checkpoint's post-processor adds around a text, for instance a
   * beginning-of-text token. Hugging Face calls this {@code add_special_tokens=True}; the files of
   * Dream and LLaDA add nothing.
   */
  ADD,

  /** Add nothing. The right choice for a text that a chat template has rendered. */
  AS_WRITTEN
}
