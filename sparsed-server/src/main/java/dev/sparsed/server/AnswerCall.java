package dev.sparsed.server;

import dev.sparsed.micrometer.Operation;
import dev.sparsed.models.answer.AnswerRequest;

/**
 * What a client asks for.
 *
 * @param operation chat or continuation
 * @param request the answer
 * @param delivery how it is wanted
 */
record AnswerCall(Operation operation, AnswerRequest request, Delivery delivery) {

  /**
   * How an answer is wanted.
   *
   * @param stream in pieces
   * @param usage with a piece that counts tokens
   * @param steps with a piece for every step
   * @param pattern with a picture of which blocks were read
   */
  record Delivery(boolean stream, boolean usage, boolean steps, boolean pattern) {}
}
