package dev.sparsed.models.decoding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PassDecoderTest {

  private static final int VOCABULARY = 5;
  private static final int MASK = 4;

  /** Writes the first masked position that a pass reads. */
  private record FromTheLeft(boolean startsWithFirstToken) implements PassDecoding {

    @Override
    public OptionalInt tokensPerBlock() {
      return OptionalInt.of(3);
    }

    @Override
    public double guidance() {
      return 0;
    }

    @Override
    public boolean takesBack() {
      return true;
    }

    @Override
    public boolean readsDecided() {
      return true;
    }

    @Override
    public DecidingPass pass(DecodingContext context) {
      return (predictions, editor) ->
          editor.commit(predictions.positions().where(context.sequence()::isMasked).first(), 0);
    }
  }

  /** The positions that the pass after the first one reads. */
  private static Positions readSecondly(FromTheLeft policy) {
    MaskedSequence sequence = new MaskedSequence(0, new int[2], 6, MASK);
    DecodingContext context = DecodingProbe.context(policy, sequence, 6, VOCABULARY);
    Decoder decoder = context.decoder();
    DecodingStep step = decoder.next();
    Positions read = decoder.begin(step, Positions.range(0, 8));
    DecodingProbe.commit(
        decoder,
        context,
        step,
        read,
        DecodingProbe.source(new float[VOCABULARY], 0, VOCABULARY, new int[read.size()]));
    return decoder.begin(decoder.next(), Positions.range(0, 8));
  }

  @Test
  void whatIsDecidedIsReadWithTheRestOfItsBlock() {
    assertEquals(Positions.range(2, 5), readSecondly(new FromTheLeft(false)));
  }

  /** With a cache it would be read where the model predicts the token after it. */
  @Test
  void aFirstTokenThatHasAStepOfItsOwnIsNotReadAgain() {
    assertEquals(Positions.range(3, 5), readSecondly(new FromTheLeft(true)));
  }
}
