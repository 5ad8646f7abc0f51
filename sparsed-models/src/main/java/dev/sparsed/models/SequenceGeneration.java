package dev.sparsed.models;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.attention.internal.LayerPhases;
import dev.sparsed.attention.internal.StepPhases;
import dev.sparsed.internal.Closing;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.internal.transformer.Fed;
import dev.sparsed.models.internal.transformer.Feed;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.LayerAttention;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of a generation: its tokens, its decoder, its patterns. Sequences share forward
 * passes and nothing else: {@link #begin} says what a step feeds the model, {@link Begun#finish}
 * takes what the model gave.
 */
final class SequenceGeneration implements AutoCloseable {

  private final Transformer transformer;
  private final DecodingContext context;
  private final MaskedSequence sequence;
  private final Decoder decoder;
  private final Settings settings;
  private final StepPhases phases;

  /** Null for a model whose attention reads everything. */
  private final @Nullable PrefixPhases prefixPhases;

  private final SequenceAttention attention;

  /** With guidance, the sequence with a masked prompt attends with patterns of its own. */
  private final @Nullable SequenceAttention unguidedAttention;

  private Positions lastDecided = Positions.none();
  private StepContext.Confidences confidences = StepContext.Confidences.NONE;
  private int passes;

  /** The decoding blocks that have begun; they may differ in length. */
  private int blocks;

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
    OptionalInt causal = transformer.architecture().causalBlock();
    this.prefixPhases =
        causal.isPresent()
            ? new PrefixPhases(
                causal.getAsInt(),
                context.sequence().tokens().length,
                transformer.architecture().layers())
            : null;
    this.attention = attentions.get();
    try {
      this.unguidedAttention = settings.guidance() > 0 ? attentions.get() : null;
    } catch (RuntimeException | Error e) {
      Closing.after(e, List.of(attention));
      throw e;
    }
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

  /** The position from which on tokens that are decided may still change. */
  int settled() {
    return settings.takesBack() && decoder.hasNext() ? decoder.settled() : tokens().length;
  }

  /** Whether there is another step. */
  boolean hasNext() {
    return decoder.hasNext();
  }

  /** Begins the next step. */
  Begun begin(StepEvents events) {
    DecodingStep step = decoder.next();
    if (blocks == 0 || step.inBlock() == 0) {
      blocks++;
    }
    Positions masked = Positions.of(sequence.masked());
    SequenceStep standing = standing(step, masked, attention);
    CachePlan plan = attention.cache().plan(standing, transformer::readable);
    Positions fed = plan.fed(sequence.tokens().length);
    CachePlan.CacheUse use = plan.use(sequence.tokens().length);
    Positions readable = transformer.readable(fed);
    Positions read = decoder.begin(step, readable);
    context.editor().open(step, read, readable);
    boolean needed = !read.isEmpty() || (!plan.isSkippable() && isOpen(step));
    boolean canSelect = use.feedsAll() && (needed || !masked.isEmpty() || lacksPatterns());
    LayerPhases layerPhases = phases(standing, step, fed, needed, canSelect);
    AttentionPhase phase = layerPhases.overall();
    if (!needed && !(canSelect && phase.selects())) {
      return new Begun(step, read, List.of(), phase, use);
    }
    int[] rows = transformer.logitRows(read, fed);
    List<Feed> feeds = new ArrayList<>();
    attention.session().beginStep(standing, layerPhases.list());
    feeds.add(feed(sequence.tokens(), fed, rows, attend(attention, step, plan, events)));
    if (unguidedAttention != null) {
      LayerAttention attend = unguided(unguidedAttention, step, standing, layerPhases, plan);
      feeds.add(feed(sequence.withMaskedPrompt(), fed, rows, attend));
    }
    return new Begun(step, read, List.copyOf(feeds), phase, use);
  }

  private LayerPhases phases(
      SequenceStep standing, DecodingStep step, Positions fed, boolean needed, boolean canSelect) {
    if (prefixPhases == null) {
      return phases.next(standing, canSelect);
    }
    return needed
        ? prefixPhases.next(attention.session(), standing, step, fed)
        : LayerPhases.all(AttentionPhase.FULL, attention.session().layers());
  }

  private SequenceStep standing(DecodingStep step, Positions masked, SequenceAttention of) {
    return new SequenceStep(
        step,
        blocks - 1,
        settings.totalSteps(),
        masked,
        lastDecided,
        confidences,
        passes,
        sequence,
        of.cache(),
        transformer);
  }

  private LayerAttention unguided(
      SequenceAttention unguided,
      DecodingStep step,
      SequenceStep guidedStep,
      LayerPhases layerPhases,
      CachePlan guided) {
    SequenceStep standing = standing(step, guidedStep.masked(), unguided);
    CachePlan plan = unguided.cache().planAs(standing, guided);
    unguided.session().beginStep(standing, layerPhases.list());
    return attend(unguided, step, plan, StepEvents.NONE);
  }

  /** Whether patterns are asked for that no step has built. */
  private boolean lacksPatterns() {
    return settings.keepsPatterns() && !hasPatterns();
  }

  private boolean hasPatterns() {
    SparseAttention<Tensor> session = attention.session();
    return IntStream.range(0, session.layers()).anyMatch(session::hasPattern);
  }

  private LayerAttention attend(
      SequenceAttention how, DecodingStep step, CachePlan plan, StepEvents events) {
    LayerAttention attend = how.cache().attention(plan, step, events.evictions());
    return new SelectableAttention(
        attend, how.session(), sequence.index(), step.number(), events::selected);
  }

  private boolean isOpen(DecodingStep step) {
    return sequence.masked(step.start(), step.end()).length > 0;
  }

  private Feed feed(int[] tokens, Positions fed, int[] rows, LayerAttention attend) {
    int[] part = fed.stream().map(position -> tokens[position]).toArray();
    return new Feed(part, fed, attend, rows, settings.observer());
  }

  /** Bytes of kept keys and values. */
  long cachedBytes() {
    return attention.cache().bytes()
        + (unguidedAttention == null ? 0 : unguidedAttention.cache().bytes());
  }

  /**
   * The patterns of all layers of the sequence itself, or none. A layer that has none beside others
   * that have attends fully.
   */
  List<SparsePattern> patterns() {
    List<SparsePattern> patterns = new ArrayList<>();
    if (hasPatterns()) {
      for (int layer = 0; layer < attention.session().layers(); layer++) {
        int index = layer;
        patterns.add(attention.session().pattern(layer).orElseGet(() -> dense(index)));
      }
    }
    return patterns;
  }

  private SparsePattern dense(int layer) {
    int length = sequence.tokens().length;
    return SparsePattern.dense(
        new BlockGrid(
            1,
            transformer.architecture().heads(),
            length,
            length,
            attention.session().policy(layer).blocks()));
  }

  @Override
  public void close() {
    try (attention) {
      if (unguidedAttention != null) {
        unguidedAttention.close();
      }
    }
  }

  /**
   * What a step did.
   *
   * @param sequence index of the sequence
   * @param ran whether the model ran: a step that neither commits a token nor builds a pattern nor
   *     fills the cache changes nothing, so that it need not
   * @param phase how it attended
   * @param use what it did with the cache
   * @param decided positions in the sequence that it decided or changed, ascending
   */
  record Outcome(
      int sequence,
      boolean ran,
      AttentionPhase phase,
      CachePlan.CacheUse use,
      ImmutableIntArray decided) {}

  /**
   * What does not differ between the sequences of a generation.
   *
   * @param guidance weight of classifier-free guidance
   * @param takesBack whether what is decided may change again
   * @param keepsPatterns whether patterns are built even where nothing is left to decide
   * @param endOfText which tokens end a text
   * @param observer watches forward passes
   * @param totalSteps planned steps, by which schedules count
   */
  record Settings(
      double guidance,
      boolean takesBack,
      boolean keepsPatterns,
      IntPredicate endOfText,
      ForwardObserver observer,
      int totalSteps) {}

  /** A step that has begun. */
  final class Begun {

    private final DecodingStep step;
    private final Positions read;
    private final int[] before = sequence.tokens().clone();
    private final List<Feed> feeds;
    private final AttentionPhase phase;
    private final CachePlan.CacheUse use;

    private Begun(
        DecodingStep step,
        Positions read,
        List<Feed> feeds,
        AttentionPhase phase,
        CachePlan.CacheUse use) {
      this.step = step;
      this.read = read;
      this.feeds = feeds;
      this.phase = phase;
      this.use = use;
    }

    /** What it feeds the model: nothing if the model need not run, with guidance two sequences. */
    List<Feed> feeds() {
      return feeds;
    }

    /** How many tokens it feeds. */
    long tokens() {
      return feeds.stream().mapToLong(Feed::length).sum();
    }

    /** Decides by what the model gave for each feed. */
    Outcome finish(List<Fed> fed) {
      if (feeds.isEmpty()) {
        return new Outcome(sequence.index(), false, phase, use, ImmutableIntArray.of());
      }
      if (!read.isEmpty()) {
        Optional<Fed> unguided = fed.size() > 1 ? Optional.of(fed.get(1)) : Optional.empty();
        Predictions predictions =
            new Predictions(
                new HeadLogits(transformer, fed.get(0), unguided, settings.guidance()),
                context,
                step,
                read);
        WorkClock.run(Work.SAMPLER, () -> decoder.commit(step, predictions));
        confidences = predictions.confidences();
        sequence.closeAfter(settings.endOfText(), settled());
      }
      int[] decided = sequence.decidedSince(before);
      lastDecided = Positions.of(decided);
      passes++;
      return new Outcome(sequence.index(), true, phase, use, ImmutableIntArray.copyOf(decided));
    }
  }
}
