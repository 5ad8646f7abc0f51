package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Sets;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.internal.cache.NoCache;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Refuses what has no meaning together; {@code docs/composition.md} has the whole table. */
final class CompositionRules {

  /** Keeps every count of tokens times heads within an int. */
  static final int MOST_TOKENS = 1 << 22;

  private CompositionRules() {}

  /**
   * Requires a number of tokens to generate that any model could be fed.
   *
   * @throws IllegalArgumentException if it is another
   */
  static void checkLength(int generationLength) {
    checkArgument(
        generationLength >= 1 && generationLength <= MOST_TOKENS,
        "generationLength must be 1 to %s but is %s",
        MOST_TOKENS,
        generationLength);
  }

  /**
   * Requires that a request's policies mean something together.
   *
   * @throws IllegalArgumentException if they do not, saying why and what to use instead
   */
  static void check(GenerationRequest request, DecodingPolicy decoding, ModelConfig config) {
    decoding.check(request.generationLength(), request.steps());
    for (int token : request.endOfText().orElse(Set.of())) {
      checkArgument(
          token >= 0
              && token < config.architecture().embeddingRows()
              && token != config.maskToken(),
          "end-of-text token %s is not one that the model can write, 0 to %s without the mask %s",
          token,
          config.architecture().embeddingRows() - 1,
          config.maskToken());
    }
    for (int token : Sets.union(request.forbidden(), request.laterEnds())) {
      checkArgument(
          token >= 0 && token < config.architecture().embeddingRows(),
          "token %s that must not be written is not one that the model can write, 0 to %s",
          token,
          config.architecture().embeddingRows() - 1);
    }
    if (config.architecture().causalBlock().isPresent()) {
      checkBlockCausal(request);
    }
    if (request.cache().needsBlocks() && config.architecture().causalBlock().isEmpty()) {
      checkCached(decoding, config);
    }
  }

  /**
   * What a request keeps from being written.
   *
   * @param modelEnds tokens that end a text for the model
   * @throws IllegalArgumentException if texts must not end early and nothing says how they end, or
   *     no token is left to be written
   */
  static DecodingContext.TokenRules rules(
      GenerationRequest request, Set<Integer> modelEnds, ModelConfig config) {
    Set<Integer> stops = request.endOfText().filter(ends -> !ends.isEmpty()).orElse(modelEnds);
    Set<Integer> used = request.laterEnds().isEmpty() ? stops : request.laterEnds();
    checkArgument(
        request.minLength() == 0 || !used.isEmpty(),
        "a minLength needs the tokens that end a text, but the checkpoint names none: give them"
            + " with it");
    DecodingContext.TokenRules rules =
        new DecodingContext.TokenRules(request.forbidden(), used, request.minLength());
    Set<Integer> never = new HashSet<>(request.forbidden());
    never.add(config.maskToken());
    if (request.minLength() > 0) {
      never.addAll(used);
    }
    checkArgument(
        never.size() < config.architecture().embeddingRows(),
        "all %s tokens but the mask are forbidden, so that none is left to be written",
        config.architecture().embeddingRows() - 1);
    return rules;
  }

  /**
   * Requires that the prompts are of the model's tokens and not too long.
   *
   * @throws IllegalArgumentException if one is not, saying which
   */
  static void checkPrompts(GenerationRequest request, ModelConfig config) {
    for (int i = 0; i < request.canvases().size(); i++) {
      List<Integer> prompt = request.canvases().get(i).given();
      checkArgument(
          (long) prompt.size() + request.generationLength() <= MOST_TOKENS,
          "prompt %s has %s tokens; with the %s to generate these are more than %s",
          i,
          prompt.size(),
          request.generationLength(),
          MOST_TOKENS);
      for (int at = 0; at < prompt.size(); at++) {
        int token = prompt.get(at);
        checkArgument(
            token >= 0 && token < config.architecture().embeddingRows(),
            "token %s at index %s of prompt %s is not one of the model's, 0 to %s",
            token,
            at,
            i,
            config.architecture().embeddingRows() - 1);
      }
    }
  }

  /**
   * What these models keep by themselves is exact, and only of the open block there is more to
   * keep; a pattern is one block's, not a sequence's.
   */
  private static void checkBlockCausal(GenerationRequest request) {
    checkArgument(
        request.canvases().stream()
            .allMatch(canvas -> canvas.promptLength() + canvas.openLength() == canvas.length()),
        "a model that attends block by block does not see what comes after a gap, so that it cannot"
            + " fill in text between given texts; use a model that reads both sides, or give a"
            + " prompt");
    checkArgument(
        request.cache() instanceof NoCache || request.cache() instanceof DualCache,
        "a model that attends block by block keeps its finished blocks by itself, exactly; %s"
            + " cannot be kept besides, ask for no cache, or for a dual cache, which keeps the open"
            + " block while a part of it is decoded",
        request.cache());
    checkArgument(
        !request.keepsPatterns(),
        "a model that attends block by block has patterns of single blocks only, which are not"
            + " kept; a listener is told of each");
  }

  private static void checkCached(DecodingPolicy decoding, ModelConfig config) {
    checkArgument(
        decoding.tokensPerBlock().isPresent(),
        "a cache is kept for one block of the generation, but a decoding without blocks chooses"
            + " among all positions; give it blocks, for example of %s tokens (withBlocks, or"
            + " block_length in a method's name)",
        BlockSteps.PUBLISHED_LENGTH);
    checkArgument(
        config.architecture().logitShift() == 0 || decoding.startsWithFirstToken(),
        "with a cache a %s model cannot decode with %s: it predicts a token from the position"
            + " before it, which for a block's first token is not fed any more when this decoding"
            + " may come to choose it; use %s's decoding with blocks, whose first step"
            + " commits that token",
        config.family().name(),
        decoding,
        config.family().name());
  }
}
