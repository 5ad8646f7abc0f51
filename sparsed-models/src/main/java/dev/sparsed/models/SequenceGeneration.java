package dev.sparsed.models;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CacheUse;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.LogitSource;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.transformer.ForwardObserver;
import dev.sparsed.models.transformer.LayerAttention;
import dev.sparsed.models.transformer.Transformer;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of a generation: its tokens, its decoder, its patterns. Sequences of a batch share
 * nothing, not even a matrix product, so that each gets exactly what it gets alone.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
final class SequenceGeneration implements AutoCloseable {

  private final Transformer transformer;
  private final DecodingContext context;
  private final MaskedSequence sequence;
  private final Decoder decoder;
  private final Settings settings;
  private final StepPhases phases;
  private final SequenceAttention attention;

  /** With guidance, the sequence with a masked prompt attends with patterns of its own. */
  private final @Nullable SequenceAttention unguidedAttention;

  private Positions lastDecided = Positions.none();
  private int passes;

  SequenceGeneration(
      Transformer transformer,
      DecodingContext context,
      Settings settings,
      StepPhases phases,
      Supplier<SequenceAttention> attentions) {
    this.transformer = transformer;
    this.context = context;
    this.sequence = context.sequence();
    this.decoder = context.decoder();
    this.settings = settings;
    this.phases = phases;
    this.attention = attentions.get();
    this.unguidedAttention = settings.guidance() > 0 ? attentions.get() : null;
  }

  int[] tokens() {
    return sequence.tokens();
  }

  /** The tokens so far, with guesses for positions that hold none. */
  int[] preview() {
    return sequence.preview();
  }

  /** The probabilities with which positions were decided. */
  double[] chances(int[] positions) {
    return sequence.chances(positions);
  }

  /** How many positions hold no token yet. */
  int open() {
    return sequence.masked().length;
  }

  /** Whether there is another step. */
  boolean hasNext() {
    return decoder.hasNext();
  }

  /** Runs the next step. */
  Outcome step(StepEvents events) {
    DecodingStep step = decoder.next();
    int[] masked = sequence.masked();
    CachePlan plan =
        attention.cache().plan(standing(step, masked, attention), transformer::readable);
    Positions fed = plan.fed(sequence.tokens().length);
    CacheUse use = plan.use(sequence.tokens().length);
    Positions readable = transformer.readable(fed);
    Positions read = decoder.begin(step, readable);
    context.editor().open(step, read, readable);
    boolean needed = !read.isEmpty() || (!plan.isSkippable() && isOpen(step));
    boolean canSelect = use.feedsAll() && (needed || masked.length > 0 || lacksPatterns());
    AttentionPhase phase = phases.next(step.scheduled(), canSelect);
    if (!needed && !(canSelect && phase.selects())) {
      return new Outcome(false, phase, use, ImmutableIntArray.of());
    }
    try (PointerScope scope = new PointerScope()) {
      int[] rows = transformer.logitRows(read, fed);
      LayerAttention attend = attend(attention, step, phase, plan, events);
      Tensor hidden = hidden(sequence.tokens(), fed, rows, attend);
      Tensor unguided =
          unguidedAttention == null
              ? null
              : hidden(
                  sequence.withMaskedPrompt(),
                  fed,
                  rows,
                  unguided(unguidedAttention, step, phase, masked, plan));
      if (!read.isEmpty()) {
        decoder.commit(
            step, new Predictions(new HeadLogits(hidden, unguided), context, step, read));
        sequence.closeAfter(settings.endOfText());
      }
    }
    int[] decided = sequence.decided(masked);
    lastDecided = Positions.of(decided);
    passes++;
    return new Outcome(true, phase, use, ImmutableIntArray.copyOf(decided));
  }

  private PlannedStep standing(DecodingStep step, int[] masked, SequenceAttention of) {
    return new PlannedStep(
        step, Positions.of(masked), lastDecided, passes, sequence, of.cache(), transformer);
  }

  private LayerAttention unguided(
      SequenceAttention unguided,
      DecodingStep step,
      AttentionPhase phase,
      int[] masked,
      CachePlan guided) {
    CachePlan plan = unguided.cache().planAs(standing(step, masked, unguided), guided);
    return attend(unguided, step, phase, plan, StepEvents.NONE);
  }

  /** Whether patterns are asked for that no step has built. */
  private boolean lacksPatterns() {
    return settings.keepsPatterns() && attention.session().pattern(0).isEmpty();
  }

  private LayerAttention attend(
      SequenceAttention how,
      DecodingStep step,
      AttentionPhase phase,
      CachePlan plan,
      StepEvents events) {
    LayerAttention attend = how.begin(step, phase, plan, events.evictions());
    return new SelectableAttention(
        attend, how.session(), sequence.index(), step.number(), events::selected);
  }

  private boolean isOpen(DecodingStep step) {
    return sequence.masked(step.start(), step.end()).length > 0;
  }

  private Tensor hidden(int[] tokens, Positions fed, int[] rows, LayerAttention attend) {
    int[] part = fed.stream().map(position -> tokens[position]).toArray();
    return transformer.hiddenRows(part, fed, attend, rows, settings.observer());
  }

  /** Bytes of kept keys and values. */
  long cachedBytes() {
    return attention.cache().bytes()
        + (unguidedAttention == null ? 0 : unguidedAttention.cache().bytes());
  }

  /** The patterns there are, of the sequence itself. */
  List<SparsePattern> patterns() {
    List<SparsePattern> patterns = new ArrayList<>();
    for (int layer = 0; layer < transformer.architecture().layers(); layer++) {
      attention.session().pattern(layer).ifPresent(patterns::add);
    }
    return patterns;
  }

  @Override
  public void close() {
    attention.close();
    if (unguidedAttention != null) {
      unguidedAttention.close();
    }
  }

  /**
   * What a step did.
   *
   * @param ran whether the model ran: a step that neither commits a token nor builds a pattern nor
   *     fills the cache changes nothing, so that it need not
   * @param phase how it attended
   * @param use what it did with the cache
   * @param decided positions in the sequence that it decided, ascending
   */
  record Outcome(boolean ran, AttentionPhase phase, CacheUse use, ImmutableIntArray decided) {}

  /**
   * What does not differ between the sequences of a generation.
   *
   * @param guidance weight of classifier-free guidance
   * @param keepsPatterns whether patterns are built even where nothing is left to decide
   * @param endOfText which tokens end a text
   * @param observer watches forward passes
   */
  record Settings(
      double guidance, boolean keepsPatterns, IntPredicate endOfText, ForwardObserver observer) {}

  /** Applies the head to hidden rows, some at a time, and guidance to the logits. */
  private final class HeadLogits implements LogitSource {

    private final Tensor hidden;
    private final @Nullable Tensor unguided;

    HeadLogits(Tensor hidden, @Nullable Tensor unguided) {
      this.hidden = hidden;
      this.unguided = unguided;
    }

    @Override
    public int rows() {
      return (int) hidden.size(0);
    }

    @Override
    public int vocabulary() {
      return transformer.architecture().embeddingRows();
    }

    @Override
    public Tensor logits(int from, int to) {
      Tensor logits = transformer.logits(hidden.narrow(0, from, (long) to - from));
      if (unguided == null) {
        return logits;
      }
      Tensor base = transformer.logits(unguided.narrow(0, from, (long) to - from));
      return logits.sub_(base).mul_(new Scalar(settings.guidance() + 1)).add_(base);
    }
  }
}
