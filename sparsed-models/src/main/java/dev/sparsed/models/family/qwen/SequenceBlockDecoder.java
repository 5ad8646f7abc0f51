package dev.sparsed.models.family.qwen;

import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.SequenceEditor;

/** Decodes what belongs together with the first masked position, until nothing is masked. */
abstract class SequenceBlockDecoder implements Decoder {

  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private Positions last = Positions.none();
  private int inBlock;
  private int steps;

  SequenceBlockDecoder(DecodingContext context) {
    this.sequence = context.sequence();
    this.editor = context.editor();
  }

  /** What is decoded together with the first masked position. */
  abstract Positions together(int position);

  /** Where a step begins that decodes some positions together. */
  int start(Positions together) {
    return together.first();
  }

  final MaskedSequence sequence() {
    return sequence;
  }

  final SequenceEditor editor() {
    return editor;
  }

  @Override
  public final boolean hasNext() {
    return sequence.masked().length > 0;
  }

  @Override
  public final DecodingStep next() {
    int[] masked = sequence.masked();
    Positions at = together(masked[0]);
    inBlock = at.equals(last) ? inBlock + 1 : 0;
    last = at;
    int decided = sequence.generationLength() - masked.length;
    return new DecodingStep(steps++, decided, start(at), at.last() + 1, inBlock, false);
  }

  @Override
  public final Positions begin(DecodingStep step, Positions readable) {
    return sequence.masked(readable, step.start(), step.end());
  }
}
