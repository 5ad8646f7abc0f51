package dev.sparsed.models.decoding;

/**
 * One step of one sequence: what it decodes, and how far the decoding is.
 *
 * @param number the step's number among those of its sequence, from 0; its random numbers are drawn
 *     by it
 * @param scheduled the step's place in the attention schedule, never below that of the step before:
 *     its number, or with parallel decoding how many tokens are decided before it
 * @param start position of its block's first token; where a prompt ends within a block this may be
 *     one of the prompt
 * @param end position after its block's last token; where a block has positions of several gaps,
 *     what is given between them lies in this range too, but is none of the block's
 * @param inBlock how many steps the block had before
 * @param lastOfBlock whether the block surely has no other step after this one
 */
public record DecodingStep(
    int number, int scheduled, int start, int end, int inBlock, boolean lastOfBlock) {}
