/**
 * Diffusion models over HTTP, as OpenAI's clients expect it.
 *
 * <p>{@link dev.sparsed.server.SparsedServer} is the way in. A request goes through {@code
 * HttpDoor} (routes, key, size), {@code CompletionReader} (JSON to {@code AnswerCall}), {@code
 * AnswerQueue} (how many wait, how many run) and {@code AnswerJob} (one answer, which may be
 * cancelled) to a {@code Reply}, whole or in pieces. Requests run on threads of their own over one
 * thread-safe model; what the model shares between generations that run at the same time is its own
 * matter.
 */
@NullMarked
package dev.sparsed.server;

import org.jspecify.annotations.NullMarked;
