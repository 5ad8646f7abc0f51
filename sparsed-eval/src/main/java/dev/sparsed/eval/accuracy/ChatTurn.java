package dev.sparsed.eval.accuracy;

/**
 * One message of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user} or {@code assistant}
 * @param content what is said
 */
public record ChatTurn(String role, String content) {}
