/**
 * Text in and out of a model: tokenizers and chat templates of Hugging Face checkpoint folders.
 *
 * <p>{@link dev.sparsed.text.Tokenizer} turns text into token ids and back, {@link
 * dev.sparsed.text.ChatTemplate} turns a conversation into the text that a model was trained on.
 * Both read only local files, and both treat these files as untrusted.
 */
@NullMarked
package dev.sparsed.text;

import org.jspecify.annotations.NullMarked;
