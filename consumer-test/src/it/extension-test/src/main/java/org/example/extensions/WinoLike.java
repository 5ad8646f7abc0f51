package org.example.extensions;

import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.PassDecoding;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Like WINO (arXiv 2507.18578), wide in and narrow out: a pass writes every candidate of some
 * probability, and takes back what the model, now that it sees more, believes less. It takes back
 * less than it writes, so that it ends.
 *
 * @param wide probability from which on candidates are written, 0 to 1
 * @param narrow probability below which what was written is taken back, 0 to 1
 * @param blockLength tokens that are decoded together
 */
public record WinoLike(double wide, double narrow, int blockLength) implements PassDecoding {

  @Override
  public OptionalInt tokensPerBlock() {
    return OptionalInt.of(blockLength);
  }

  @Override
  public boolean readsDecided() {
    return true;
  }

  @Override
  public boolean takesBack() {
    return true;
  }

  @Override
  public PassDecoding.DecidingPass pass(DecodingContext context) {
    return (predictions, editor) -> {
      int[] tokens = context.sequence().tokens().clone();
      int written = write(predictions, editor, context.sequence());
      takeBack(predictions, editor, tokens, context.sequence().maskToken(), written - 1);
    };
  }

  private int write(Predictions predictions, SequenceEditor editor, MaskedSequence sequence) {
    List<Candidate> ranked =
        predictions.likeliest().stream()
            .filter(each -> sequence.isMasked(each.position()))
            .sorted(Comparator.comparingDouble(Candidate::probability).reversed())
            .toList();
    int count = 0;
    while (count < ranked.size() && (count == 0 || ranked.get(count).probability() >= wide)) {
      editor.commit(ranked.get(count).position(), ranked.get(count).token());
      count++;
    }
    return count;
  }

  /** Takes back what was there before the pass and is believed least. */
  private void takeBack(
      Predictions predictions, SequenceEditor editor, int[] before, int mask, int most) {
    int[] positions = predictions.positions().toArray();
    int[] held = IntStream.of(positions).map(position -> before[position]).toArray();
    double[] belief = predictions.probabilitiesOf(held);
    IntStream.range(0, positions.length)
        .filter(row -> held[row] != mask && belief[row] < narrow)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> belief[row]))
        .limit(Math.max(0, most))
        .forEach(row -> editor.mask(positions[row]));
  }
}
