package dev.sparsed.models.decoding;

/**
 * The token that a position would get, and how sure of it the model is.
 *
 * @param position position in the sequence
 * @param token its id
 * @param probability of the token, 0 to 1
 * @param margin probability of the likeliest token less that of the next, 0 to 1
 * @param entropy of all tokens' probabilities, in nats; 0 where the model is certain
 */
public record Candidate(
    int position, int token, double probability, double margin, double entropy) {}
