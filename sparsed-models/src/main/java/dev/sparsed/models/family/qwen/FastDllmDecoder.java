package dev.sparsed.models.family.qwen;

import dev.sparsed.models.decoding.Candidates;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import dev.sparsed.models.decoding.TokenSampler;
import java.util.stream.IntStream;

/** Fast-dLLM v2's decoding; see {@link FastDllmDecoding}. */
final class FastDllmDecoder implements Decoder {

  private final FastDllmDecoding policy;
  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private final TokenSampler sampler;
  private final TokenSampler first;
  private Positions last = Positions.range(0, 0);
  private int inBlock;
  private int steps;

  FastDllmDecoder(FastDllmDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.sequence = context.sequence();
    this.editor = context.editor();
    this.sampler = policy.confidences().orElseThrow().sampler(context.noise());
    this.first = FastDllmDecoding.mostLikely().sampler(context.noise());
  }

  @Override
  public boolean hasNext() {
    return sequence.masked().length > 0;
  }

  @Override
  public DecodingStep next() {
    int[] masked = sequence.masked();
    Positions at = range(masked[0]);
    inBlock = at.equals(last) ? inBlock + 1 : 0;
    last = at;
    int decided = sequence.generationLength() - masked.length;
    return new DecodingStep(
        steps++, decided, at.first(), at.last() + 1, inBlock, opensBlock(at.first()));
  }

  /** What is decoded together with the first masked position. */
  private Positions range(int position) {
    if (opensBlock(position)) {
      return Positions.range(position, position + 1);
    }
    int small = policy.smallBlockLength();
    // Small blocks divide blocks, so that both are counted from the sequence's start.
    int start = Math.max(sequence.promptLength(), position / small * small);
    long end = (position / small + 1L) * small;
    return Positions.range(start, (int) Math.min(end, sequence.tokens().length));
  }

  /** Of a sequence without a prompt nothing stands before the first block. */
  private boolean opensBlock(int position) {
    return position > 0
        && position % policy.blockLength() == 0
        && sequence.masked(position, position + 1).length == 1;
  }

  @Override
  public Positions begin(DecodingStep step, Positions readable) {
    return sequence.masked(readable, step.start(), step.end());
  }

  /** The mask is no token that the published code could do anything with. */
  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    boolean opens = step.end() == step.start() + 1 && opensBlock(step.start());
    Candidates candidates =
        predictions.forbidding(sequence.maskToken()).choose(opens ? first : sampler);
    int[] surest = candidates.mostConfident(Math.min(1, candidates.rows()));
    IntStream.concat(
            IntStream.of(surest),
            IntStream.range(0, candidates.rows())
                .filter(row -> candidates.confidence(row) > policy.threshold()))
        .distinct()
        .sorted()
        .forEach(row -> editor.commit(predictions.positions().at(row), candidates.token(row)));
  }
}
