package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.cache.CacheSchedule;
import dev.sparsed.models.cache.EvictionListener;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.LogitSource;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.transformer.ForwardObserver;
import dev.sparsed.models.transformer.LayerAttention;
import dev.sparsed.models.transformer.TokenRange;
import dev.sparsed.models.transformer.Transformer;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final MaskedSequence sequence;
  private final Decoder decoder;
  private final Settings settings;
  private final CacheSchedule schedule;
  private final StepPhases phases;
  private final SequenceAttention attention;

  /** With guidance, the sequence with a masked prompt attends with patterns of its own. */
  private final @Nullable SequenceAttention unguidedAttention;

  SequenceGeneration(
      Transformer transformer,
      MaskedSequence sequence,
      Decoder decoder,
      Settings settings,
      CacheSchedule schedule,
      StepPhases phases,
      Supplier<SequenceAttention> attentions) {
    this.transformer = transformer;
    this.sequence = sequence;
    this.decoder = decoder;
    this.settings = settings;
    this.schedule = schedule;
    this.phases = phases;
    this.attention = attentions.get();
    this.unguidedAttention = settings.guidance() > 0 ? attentions.get() : null;
  }

  int[] tokens() {
    return sequence.tokens();
  }

  /** Runs a step. */
  Outcome step(int step, EvictionListener evictions) {
    TokenRange fed = schedule.fed(step);
    int[] positions = decoder.begin(step, fed.from());
    boolean fills = schedule.fillsForLater(step) && isOpen(step);
    boolean needed = positions.length > 0 || fills;
    boolean canSelect = schedule.use(step).feedsAll() && (needed || !settings.endsEarly());
    AttentionPhase phase = phases.next(step, canSelect);
    if (!needed && !(canSelect && phase.selects())) {
      return new Outcome(false, phase);
    }
    try (PointerScope scope = new PointerScope()) {
      int[] rows = transformer.logitRows(positions, fed.from());
      LayerAttention attend = attention.begin(step, phase, schedule, evictions);
      Tensor hidden = hidden(sequence.tokens(), fed, rows, attend);
      Tensor unguided =
          unguidedAttention == null
              ? null
              : hidden(
                  sequence.withMaskedPrompt(),
                  fed,
                  rows,
                  unguidedAttention.begin(step, phase, schedule, EvictionListener.NONE));
      if (positions.length > 0) {
        decoder.commit(step, new HeadLogits(hidden, unguided));
        sequence.closeAfter(settings.endOfText());
      }
    }
    return new Outcome(true, phase);
  }

  private boolean isOpen(int step) {
    TokenRange block = schedule.block(step);
    return sequence.masked(block.from(), block.to()).length > 0;
  }

  private Tensor hidden(int[] tokens, TokenRange fed, int[] rows, LayerAttention attend) {
    int[] part = Arrays.copyOfRange(tokens, fed.from(), fed.to());
    return transformer.hiddenRows(part, fed.from(), attend, rows, settings.observer());
  }

  /** Bytes of kept keys and values. */
  long cachedBytes() {
    return attention.cachedBytes()
        + (unguidedAttention == null ? 0 : unguidedAttention.cachedBytes());
  }

  /** The patterns there are, of the sequence itself. */
  List<SparsePattern> patterns() {
    List<SparsePattern> patterns = new ArrayList<>();
    for (int layer = 0; layer < transformer.config().layers(); layer++) {
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
   */
  record Outcome(boolean ran, AttentionPhase phase) {}

  /**
   * What does not differ between the sequences of a generation.
   *
   * @param guidance weight of classifier-free guidance
   * @param endsEarly whether sequences may be complete before the last step
   * @param endOfText which tokens end a text
   * @param observer watches forward passes
   */
  record Settings(
      double guidance, boolean endsEarly, IntPredicate endOfText, ForwardObserver observer) {}

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
      return transformer.config().embeddingRows();
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
