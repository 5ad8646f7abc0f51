package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkState;

/** Passes until nothing is masked; see {@link PassDecoding}. */
final class PassDecoder implements Decoder {

  /** More passes than this per token are taken to go on for ever. */
  private static final int MOST_PASSES_PER_TOKEN = 8;

  private final PassDecoding policy;
  private final DecodingContext context;
  private final MaskedSequence sequence;
  private final PassDecoding.DecidingPass pass;
  private final OpenBlock block;
  private int passes;
  private int scheduled;

  PassDecoder(PassDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.context = context;
    this.sequence = context.sequence();
    this.pass = policy.pass(context);
    int length = sequence.generationLength();
    this.block = new OpenBlock(sequence, policy.tokensPerBlock().orElse(length));
  }

  @Override
  public boolean hasNext() {
    return sequence.masked().length > 0;
  }

  @Override
  public DecodingStep next() {
    // A schedule never goes back, even if tokens are taken back.
    scheduled = Math.max(scheduled, sequence.generationLength() - sequence.masked().length);
    return block.next(passes++, scheduled);
  }

  @Override
  public Positions begin(DecodingStep step, Positions readable) {
    int end = policy.startsWithFirstToken() && step.inBlock() == 0 ? step.start() + 1 : step.end();
    return readable
        .within(step.start(), end)
        .where(position -> sequence.isMasked(position) || readsDecided(step, position));
  }

  /** What a first token is predicted from is not fed any more after a step of its own. */
  private boolean readsDecided(DecodingStep step, int position) {
    return policy.readsDecided()
        && sequence.isGenerated(position)
        && !(policy.startsWithFirstToken() && position == step.start());
  }

  /** What a pass may take back is of its own block, which is not left before it is complete. */
  @Override
  public int settled() {
    return block.settled();
  }

  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    SequenceEditor editor = context.editor();
    pass.decide(predictions.forbidding(sequence.maskToken()), editor);
    checkState(
        editor.changes() > 0,
        "%s decides nothing, and so would the next: let it write the most probable candidate at"
            + " least",
        editor.where());
    checkState(
        passes < (long) MOST_PASSES_PER_TOKEN * sequence.generationLength()
            || sequence.masked().length == 0,
        "%s ends pass %s for %s tokens, and positions %s are still masked: it takes back as much as"
            + " it writes",
        editor.where(),
        passes,
        sequence.generationLength(),
        Positions.of(sequence.masked()));
  }
}
