package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkState;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Writes to a sequence what its decoder decides, and refuses what makes no sense. Used by the
 * generating thread, in {@link Decoder#commit} only.
 */
public final class SequenceEditor {

  private final DecodingPolicy policy;
  private final MaskedSequence sequence;
  private final DecodingContext.TokenRules rules;
  private final int vocabulary;
  private final Optional<Constrained> constraint;
  private Positions read = Positions.none();
  private int step;
  private int start;
  private int end;
  private int changes;

  SequenceEditor(
      DecodingPolicy policy,
      MaskedSequence sequence,
      DecodingContext.TokenRules rules,
      int vocabulary,
      Optional<Constrained> constraint) {
    this.policy = policy;
    this.sequence = sequence;
    this.rules = rules;
    this.vocabulary = vocabulary;
    this.constraint = constraint;
  }

  /**
   * Opens a step's positions. Called by the generation.
   *
   * @param decoding the step
   * @param positions positions that it reads
   * @param readable positions that it might have read
   * @throws IllegalStateException if it reads others, or its block has no position that is
   *     generated, naming the policy
   */
  public void open(DecodingStep decoding, Positions positions, Positions readable) {
    this.step = decoding.number();
    this.start = decoding.start();
    this.end = decoding.end();
    this.read = positions;
    this.changes = 0;
    checkState(
        !sequence.generation().within(start, end).isEmpty(),
        "%s decodes positions from %s to before %s, none of which is generated: let its block hold"
            + " some of %s",
        where(),
        start,
        end,
        sequence.generation());
    checkState(
        readable.containsAll(positions),
        "%s reads positions %s, whose logits are not computed in this step",
        where(),
        positions.without(readable));
  }

  /**
   * Writes a token at a masked position that the step reads.
   *
   * @param position position in the sequence
   * @param token its id; the mask's, which a model may predict, leaves the position open
   * @return whether it was written. The request's constraint may allow tokens one by one that it
   *     does not allow together: where it does not with what the step has written before, the
   *     position stays masked for a later step. The first token that a step writes always is
   * @throws IllegalStateException if the position holds a given token or one already, or was not
   *     read, or the token is none or must not be written; naming the policy
   */
  public boolean commit(int position, int token) {
    checkReads(position);
    checkToken(position, token);
    checkState(
        sequence.tokens()[position] == sequence.maskToken(),
        "%s writes token %s at position %s, which holds token %s already; mask it first to take that"
            + " back",
        where(),
        token,
        position,
        sequence.tokens()[position]);
    if (token != sequence.maskToken()
        && constraint.isPresent()
        && !constraint.get().allows(position, token)) {
      return false;
    }
    sequence.write(position, token);
    changes += token == sequence.maskToken() ? 0 : 1;
    return true;
  }

  /**
   * Writes the candidates of some rows, in their order. What the request's constraint does not
   * allow with what was written before is chosen anew among what it allows then, so that as many
   * tokens are written as a schedule says.
   *
   * @param predictions what the step reads
   * @param sampler chose the candidates
   * @param candidates of all rows
   * @param rows those to write
   * @throws IllegalStateException as {@link #commit(int, int)} does
   */
  public void commit(
      Predictions predictions, TokenSampler sampler, Candidates candidates, int... rows) {
    Predictions from = predictions;
    Candidates chosen = candidates;
    int[] left = refused(from, chosen, rows);
    while (left.length > 0) {
      // The first of them is allowed, as nothing is written between.
      from = from.of(left);
      chosen = from.choose(sampler);
      left = refused(from, chosen, IntStream.range(0, left.length).toArray());
    }
  }

  /** Writes the candidates of some rows, and returns the rows of those that were not allowed. */
  private int[] refused(Predictions predictions, Candidates candidates, int[] rows) {
    return Arrays.stream(rows)
        .filter(row -> !commit(predictions.positions().at(row), candidates.token(row)))
        .toArray();
  }

  /**
   * Takes a token back: its position is masked again, and later steps decide it anew.
   *
   * @param position position of the step's block that holds a token
   * @throws IllegalStateException if it is none, or the policy does not say that it {@linkplain
   *     DecodingPolicy#takesBack takes back}; naming the policy
   */
  public void mask(int position) {
    checkGenerated(position, "masks");
    checkTakesBack(position, "masks");
    checkState(
        position >= start && position < end,
        "%s masks position %s, which is not of its block, %s to %s",
        where(),
        position,
        start,
        end - 1);
    checkState(
        sequence.tokens()[position] != sequence.maskToken(),
        "%s masks position %s, which holds no token",
        where(),
        position);
    sequence.write(position, sequence.maskToken());
    changes++;
  }

  /**
   * Changes a token that is decided for another one.
   *
   * @param position position that the step reads and that holds a token
   * @param token id of the other one, which need not differ
   * @return whether it was written: where the request's constraint does not allow it by what stands
   *     around, the position keeps its token
   * @throws IllegalStateException if the position holds none, holds a given one or was not read,
   *     the token is the mask, is none or must not be written, or the policy does not say that it
   *     {@linkplain DecodingPolicy#takesBack takes back}; naming the policy
   */
  public boolean replace(int position, int token) {
    checkReads(position);
    checkTakesBack(position, "changes the token of");
    checkToken(position, token);
    int held = sequence.tokens()[position];
    checkState(
        held != sequence.maskToken(),
        "%s changes the token of position %s, which holds none; commit it",
        where(),
        position);
    checkState(
        token != sequence.maskToken(),
        "%s changes the token of position %s for the mask; mask the position to take it back",
        where(),
        position);
    sequence.write(position, sequence.maskToken());
    boolean allowed = constraint.isEmpty() || constraint.get().allows(position, token);
    sequence.write(position, allowed ? token : held);
    changes += allowed && token != held ? 1 : 0;
    return allowed;
  }

  /** How many tokens the step has written, changed or taken back. */
  int changes() {
    return changes;
  }

  private void checkReads(int position) {
    checkGenerated(position, "writes to");
    checkState(
        read.contains(position),
        "%s writes to position %s, but reads only %s: what it does not read it cannot know",
        where(),
        position,
        read);
  }

  private void checkToken(int position, int token) {
    checkState(
        token >= 0 && token < vocabulary,
        "%s writes token %s at position %s, which is not one of the model's, 0 to %s",
        where(),
        token,
        position,
        vocabulary - 1);
    checkState(
        !rules.forbids(sequence.indexInGap(position), token),
        "%s writes token %s at position %s, which the request forbids there",
        where(),
        token,
        position);
  }

  private void checkTakesBack(int position, String does) {
    checkState(
        policy.takesBack(),
        "%s %s position %s, but the policy does not say that it takes tokens back (takesBack)",
        where(),
        does,
        position);
  }

  private void checkGenerated(int position, String does) {
    checkState(
        position >= 0 && position < sequence.tokens().length,
        "%s %s position %s, but the sequence has %s",
        where(),
        does,
        position,
        sequence.tokens().length);
    checkState(
        position >= sequence.promptLength(),
        "%s %s position %s, which is one of the prompt's %s",
        where(),
        does,
        position,
        sequence.promptLength());
    checkState(
        sequence.isGenerated(position),
        "%s %s position %s, which is in none of the gaps %s",
        where(),
        does,
        position,
        sequence.generation());
  }

  /** Who does what where, to begin a message with. */
  String where() {
    return String.format(
        Locale.ROOT, "decoding policy %s, sequence %d: step %d", policy, sequence.index(), step);
  }
}
