package dev.sparsed.models.family.qwen;

import dev.sparsed.models.decoding.Candidates;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceBlocks;
import dev.sparsed.models.decoding.TokenSampler;
import java.util.stream.IntStream;

/** Fast-dLLM v2's decoding; see {@link FastDllmDecoding}. */
final class FastDllmDecoder extends SequenceBlockDecoder {

  private final FastDllmDecoding policy;
  private final SequenceBlocks small;
  private final TokenSampler sampler;
  private final TokenSampler first;

  FastDllmDecoder(FastDllmDecoding policy, DecodingContext context) {
    super(context);
    this.policy = policy;
    // Small blocks divide blocks, so that both are counted from the sequence's start.
    this.small = new SequenceBlocks(policy.smallBlockLength(), policy.smallBlockLength());
    this.sampler = policy.confidences().orElseThrow().sampler(context.noise());
    this.first = FastDllmDecoding.mostLikely().sampler(context.noise());
  }

  @Override
  Positions together(int position) {
    return opensBlock(position)
        ? Positions.range(position, position + 1)
        : small.around(position, sequence().generation());
  }

  /** A small block that the prompt ends in begins within the prompt, and is fed from there. */
  @Override
  int start(Positions together) {
    return together.first() / small.length() * small.length();
  }

  /** Of a sequence without a prompt nothing stands before the first block. */
  private boolean opensBlock(int position) {
    return position > 0
        && position % policy.blockLength() == 0
        && sequence().masked(position, position + 1).length == 1;
  }

  /** The mask is no token that the published code could do anything with. */
  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    boolean opens = step.end() == step.start() + 1 && opensBlock(step.start());
    Candidates candidates =
        predictions.forbidding(sequence().maskToken()).choose(opens ? first : sampler);
    int[] surest = candidates.mostConfident(Math.min(1, candidates.rows()));
    IntStream.concat(
            IntStream.of(surest),
            IntStream.range(0, candidates.rows())
                .filter(row -> candidates.confidence(row) > policy.threshold()))
        .distinct()
        .sorted()
        .forEach(row -> editor().commit(predictions.positions().at(row), candidates.token(row)));
  }
}
