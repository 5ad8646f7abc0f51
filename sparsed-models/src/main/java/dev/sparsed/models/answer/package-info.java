/**
 * Answers as text while they come to be: what a chat window, a server or another library shows.
 *
 * <p>{@code AnswerGenerator} turns an {@code AnswerRequest} into a generation, reads every step's
 * tokens, and hands on the text that can no longer change. How tokens are chosen is no concern of
 * this package; it only uses the door of {@code dev.sparsed.models}.
 */
@NullMarked
package dev.sparsed.models.answer;

import org.jspecify.annotations.NullMarked;
