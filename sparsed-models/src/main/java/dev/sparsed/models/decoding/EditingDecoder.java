package dev.sparsed.models.decoding;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Decodes and corrects one block after the other; see {@link EditingDecoding}. A step is a forward
 * pass.
 */
final class EditingDecoder implements Decoder {

  private final EditingDecoding policy;
  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private final TokenSampler sampler;

  /** The last block that was begun. */
  private Positions block = Positions.none();

  /** Whether that block may still change. */
  private boolean open;

  private int steps;
  private int inBlock;

  /** Passes over the block that began with nothing of it masked. */
  private int afterwards;

  EditingDecoder(EditingDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.sequence = context.sequence();
    this.editor = context.editor();
    this.sampler = policy.tokens(context.noise());
  }

  @Override
  public boolean hasNext() {
    return open || sequence.masked().length > 0;
  }

  @Override
  public DecodingStep next() {
    int[] masked = sequence.masked();
    if (!open) {
      block = around(masked[0]);
      open = true;
      inBlock = 0;
      afterwards = 0;
    }
    int length = sequence.generationLength();
    int scheduled = Math.min(length - masked.length, length - 1);
    return new DecodingStep(steps++, scheduled, block.first(), block.last() + 1, inBlock++, false);
  }

  private Positions around(int position) {
    Positions generation = sequence.generation();
    return policy
        .sequenceBlocks()
        .map(blocks -> blocks.around(position, generation))
        .orElseGet(() -> ofGeneration(position, generation));
  }

  private Positions ofGeneration(int position, Positions generation) {
    int length = policy.tokensPerBlock().orElse(generation.size());
    int start = generation.indexOf(position) / length * length;
    return generation.slice(start, start + length);
  }

  @Override
  public Positions begin(DecodingStep step, Positions readable) {
    boolean firstOnly = policy.startsWithFirstToken() && step.inBlock() == 0;
    int end = firstOnly ? step.start() + 1 : step.end();
    Positions read =
        readable
            .within(step.start(), end)
            .where(position -> sequence.isMasked(position) || isCorrected(position));
    if (read.isEmpty() && isFilled()) {
      // A cache feeds nothing of it, now or ever.
      open = false;
    }
    return read;
  }

  /**
   * Whether a token may change. What a block's first one is predicted from is not fed any more
   * where the first step decides that one by itself.
   */
  private boolean isCorrected(int position) {
    return sequence.isGenerated(position)
        && !(policy.startsWithFirstToken() && position == block.first());
  }

  @Override
  public int settled() {
    if (block.isEmpty()) {
      return 0;
    }
    return open ? block.first() : block.last() + 1;
  }

  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    boolean filled = isFilled();
    Positions read = predictions.positions();
    Candidates candidates = predictions.forbidding(sequence.maskToken()).choose(sampler);
    int[] masked = rows(read, true);
    int[] held = rows(read, false);
    for (int row : surest(candidates, masked)) {
      editor.commit(read.at(row), candidates.token(row));
    }
    boolean changed = false;
    for (int row : held) {
      int token = candidates.token(row);
      if (token != sequence.tokens()[read.at(row)]
          && policy.isSurer(candidates.confidence(row), policy.editingThreshold())) {
        changed |= editor.replace(read.at(row), token);
      }
    }
    close(filled, changed);
  }

  /** Leaves the block where no pass could change it, or it had as many as it may have. */
  private void close(boolean wasFilled, boolean changed) {
    if (!isFilled()) {
      return;
    }
    afterwards += wasFilled ? 1 : 0;
    open = afterwards < policy.postSteps() && (changed || !wasFilled) && isCorrected(block.last());
  }

  private boolean isFilled() {
    return sequence.masked(block.first(), block.last() + 1).length == 0;
  }

  private int[] rows(Positions read, boolean masked) {
    return IntStream.range(0, read.size())
        .filter(row -> sequence.isMasked(read.at(row)) == masked)
        .toArray();
  }

  /** Those of some rows that are sure, or else the surest one; none of none. */
  private int[] surest(Candidates candidates, int[] rows) {
    int[] sure =
        Arrays.stream(rows)
            .filter(row -> policy.isSurer(candidates.confidence(row), policy.threshold()))
            .toArray();
    return sure.length > 0
        ? sure
        : Arrays.stream(candidates.mostConfident(candidates.rows()))
            .filter(row -> Arrays.binarySearch(rows, row) >= 0)
            .limit(1)
            .toArray();
  }
}
