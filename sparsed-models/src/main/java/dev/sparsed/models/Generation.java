package dev.sparsed.models;

import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.attention.internal.StepPhases;
import dev.sparsed.internal.Closing;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.cache.CausalCache;
import dev.sparsed.models.internal.cache.KeyValueCache;
import dev.sparsed.models.internal.cache.NoCache;
import dev.sparsed.models.internal.torch.Calibration;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.transformer.Fed;
import dev.sparsed.models.internal.transformer.Feed;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.pattern.SparsePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The steps of one generation. Used once, by one thread. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class Generation implements AutoCloseable {

  private final ModelConfig config;
  private final Transformer transformer;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final GenerationPasses passes;
  private final Sparsity.Decision sparsity;
  private final AttentionPolicy policy;
  private final CachePolicy cachePolicy;
  private final DecodingContext.TokenRules rules;
  private final Set<Integer> endOfText;
  private final List<SequenceGeneration> sequences = new ArrayList<>();
  private final Map<AttentionPhase, GenerationResult.PhaseUse> phases =
      new EnumMap<>(AttentionPhase.class);
  private final long residentBefore = Pointer.physicalBytes();
  private long peakResident = residentBefore;
  private final OptionalInt card;
  private long peakDevice;
  private final int totalSteps;
  private GenerationResult.CacheReport cache = GenerationResult.CacheReport.NONE;
  private int completedSteps;
  private boolean cancelled;

  Generation(
      ModelConfig config,
      Transformer transformer,
      AttentionBackend<Tensor> backend,
      DecodingPolicy decoding,
      DecodingContext.TokenRules rules,
      Set<Integer> endOfText,
      GenerationRequest request,
      GenerationListener listener,
      ComputeDevice device,
      GenerationPasses passes) {
    this.passes = passes;
    this.config = config;
    this.transformer = transformer;
    this.rules = rules;
    this.endOfText = endOfText;
    this.card =
        device.kind() == ComputeDevice.Kind.CUDA
            ? OptionalInt.of(device.index())
            : OptionalInt.empty();
    card.ifPresent(TorchRuntime::resetPeakDeviceBytes);
    this.request = request;
    OptionalInt causal = transformer.architecture().causalBlock();
    this.cachePolicy =
        causal.isPresent()
            ? new CausalCache(
                causal.getAsInt(),
                Optional.of(request.cache())
                    .filter(DualCache.class::isInstance)
                    .map(DualCache.class::cast))
            : request.cache();
    this.listener = listener;
    this.totalSteps = decoding.totalSteps(request.generationLength(), request.steps());
    this.sparsity =
        new SparsityRule(transformer, backend, Calibration::ifOn)
            .decide(
                request,
                decoding,
                BlockSteps.of(
                    0, request.generationLength(), decoding.tokensPerBlock(), totalSteps));
    // Where only the last step selects, no step is sparse; the patterns are still asked for.
    boolean followed = sparsity.sparse() || request.sparsity() == Sparsity.ALWAYS;
    this.policy = followed ? forModel(request.attention()) : AttentionPolicy.full();
    try {
      Map<Canvas, Integer> occurrences = new HashMap<>();
      for (Canvas canvas : request.canvases()) {
        // Equal prompts differ in their random numbers; a prompt alone gets the first one's.
        int occurrence = occurrences.merge(canvas, 1, Integer::sum) - 1;
        sequences.add(sequence(canvas, backend, decoding, occurrence));
      }
    } catch (RuntimeException | Error e) {
      Closing.after(e, sequences);
      throw e;
    }
  }

  private AttentionPolicy forModel(AttentionPolicy asked) {
    return asked.isPerLayer()
        ? AttentionPolicy.perLayer(layer -> ofLayer(asked.ofLayer(layer)))
        : ofLayer(asked);
  }

  private AttentionPolicy ofLayer(AttentionPolicy asked) {
    Architecture model = transformer.architecture();
    AttentionPolicy scaled =
        asked.scoreScale() == ScoreScale.PUBLISHED
            ? asked.withScoreScale(model.scoreScale())
            : asked;
    return model.causalBlock().isEmpty()
        ? scaled
        : new AttentionPolicy(
            scaled.schedule(),
            new OwnBlock(scaled.selector(), model.causalBlock().getAsInt()),
            scaled.blocks(),
            scaled.scoreScale());
  }

  private SequenceGeneration sequence(
      Canvas canvas, AttentionBackend<Tensor> backend, DecodingPolicy decoding, int occurrence) {
    MaskedSequence sequence = new MaskedSequence(sequences.size(), canvas, config.maskToken());
    Noise noise = new Noise(request.seed(), occurrence);
    DecodingContext context =
        new DecodingContext(
            decoding,
            sequence,
            rules,
            request.steps(),
            noise,
            transformer.architecture().embeddingRows(),
            request.constraint());
    return new SequenceGeneration(
        transformer,
        context,
        settings(decoding),
        new StepPhases(policy.ofLayers(transformer.architecture().layers()), totalSteps),
        () -> attention(backend, sequence));
  }

  private SequenceAttention attention(AttentionBackend<Tensor> backend, MaskedSequence sequence) {
    SparseAttention<Tensor> session = session(backend, sequence);
    CachedSequence cached =
        new CachedSequence(
            sequence.generation(), sequence.tokens().length, transformer.architecture().layers());
    try {
      return new SequenceAttention(
          session,
          new KeyValueCache(
              cachePolicy,
              backend,
              session,
              cached,
              sequence.index(),
              transformer.architecture().causalBlock()));
    } catch (RuntimeException | Error e) {
      Closing.after(e, List.of(session));
      throw e;
    }
  }

  private SequenceGeneration.Settings settings(DecodingPolicy decoding) {
    return new SequenceGeneration.Settings(
        decoding.guidance(),
        decoding.takesBack(),
        request.keepsPatterns(),
        endOfText::contains,
        new Watch(),
        totalSteps);
  }

  /**
   * What comes after the first token to generate is all generation to a selector; where attention
   * is causal over blocks, the block itself, which the keys end with.
   */
  private SparseAttention<Tensor> session(
      AttentionBackend<Tensor> backend, MaskedSequence sequence) {
    return new SparseAttention<>(
        backend,
        policy,
        transformer.architecture().layers(),
        totalSteps,
        transformer
            .architecture()
            .causalBlock()
            .orElse(sequence.tokens().length - sequence.promptLength()));
  }

  GenerationResult run() {
    long start = System.nanoTime();
    try {
      while (hasNext() && !cancelled) {
        step(completedSteps);
      }
    } catch (InterruptedGenerationException e) {
      cancelled = true;
    }
    return result(Duration.ofNanos(System.nanoTime() - start));
  }

  /** Whether some sequence has another step; with parallel decoding some need more than others. */
  private boolean hasNext() {
    return sequences.stream().anyMatch(SequenceGeneration::hasNext);
  }

  private void step(int step) {
    long start = System.nanoTime();
    List<SequenceGeneration.Outcome> outcomes = new ArrayList<>();
    // Those whose forward pass is shared: as many sequences as there is room for.
    List<SequenceGeneration.Begun> begun = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < sequences.size(); i++) {
      if (sequences.get(i).hasNext()) {
        SequenceGeneration.Begun next = sequences.get(i).begin(new StepEvents(listener, i, step));
        tokens += next.tokens();
        if (!begun.isEmpty() && !passes.hasRoomFor(tokens)) {
          outcomes.addAll(finish(begun));
          begun.clear();
          tokens = next.tokens();
        }
        begun.add(next);
      }
    }
    outcomes.addAll(finish(begun));
    completedSteps++;
    int[][] decided = new int[sequences.size()][0];
    for (SequenceGeneration.Outcome outcome : outcomes) {
      decided[outcome.sequence()] = outcome.decided().toArray();
    }
    report(step, outcomes, Arrays.asList(decided), Duration.ofNanos(System.nanoTime() - start));
  }

  /** Runs the model for sequences whose step has begun, and lets them decide. */
  private List<SequenceGeneration.Outcome> finish(List<SequenceGeneration.Begun> begun) {
    List<SequenceGeneration.Outcome> outcomes = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      List<Feed> feeds = begun.stream().flatMap(each -> each.feeds().stream()).toList();
      List<Fed> fed = feeds.isEmpty() ? List.of() : passes.run(feeds);
      int at = 0;
      for (SequenceGeneration.Begun each : begun) {
        List<Fed> own = fed.subList(at, at + each.feeds().size());
        at += own.size();
        Scoped.run(() -> outcomes.add(each.finish(own)));
      }
    }
    return outcomes;
  }

  /** The first sequence that has the step speaks for the others. */
  private void report(
      int step, List<SequenceGeneration.Outcome> outcomes, List<int[]> decided, Duration time) {
    AttentionPhase phase = outcomes.get(0).phase();
    boolean ran = outcomes.stream().anyMatch(SequenceGeneration.Outcome::ran);
    if (ran) {
      boolean whole = outcomes.stream().anyMatch(each -> each.ran() && each.use().feedsAll());
      long kept = sequences.stream().mapToLong(SequenceGeneration::cachedBytes).sum();
      cache = cache.plus(whole, time, kept);
    }
    phases.merge(
        phase,
        new GenerationResult.PhaseUse(1, ran ? 1 : 0, time),
        (a, b) ->
            new GenerationResult.PhaseUse(
                a.steps() + b.steps(),
                a.forwardPasses() + b.forwardPasses(),
                a.time().plus(b.time())));
    GenerationListener.Reaction reaction =
        listener.onStep(
            new GenerationProgress(
                step,
                totalSteps(),
                phase,
                outcomes.get(0).use(),
                ran,
                time,
                sequences.stream().map(SequenceGeneration::tokens).toList(),
                decided,
                chances(decided),
                sequences.stream().map(SequenceGeneration::preview).toList(),
                sequences.stream().map(SequenceGeneration::settled).toList()));
    cancelled =
        hasNext()
            && (reaction == GenerationListener.Reaction.STOP
                || Thread.currentThread().isInterrupted());
  }

  private List<double[]> chances(List<int[]> decided) {
    return IntStream.range(0, sequences.size())
        .mapToObj(i -> sequences.get(i).chances(decided.get(i)))
        .toList();
  }

  /** More than planned only where the model predicts the mask itself. */
  private int totalSteps() {
    return Math.max(totalSteps, completedSteps);
  }

  private GenerationResult result(Duration time) {
    List<List<SparsePattern>> patterns =
        sequences.stream().map(SequenceGeneration::patterns).toList();
    OptionalDouble density =
        patterns.stream().flatMap(List::stream).mapToDouble(SparsePattern::density).average();
    return new GenerationResult(
        sequences.stream()
            .<List<Integer>>map(sequence -> ImmutableIntArray.copyOf(sequence.tokens()).asList())
            .toList(),
        request.canvases().stream().map(Canvas::promptLength).toList(),
        request.canvases().stream().map(Canvas::gaps).toList(),
        sequences.stream().map(SequenceGeneration::open).toList(),
        completedSteps,
        totalSteps(),
        cancelled,
        sparsity,
        Map.copyOf(phases),
        time,
        density,
        cachePolicy instanceof NoCache ? Optional.empty() : Optional.of(cache),
        new GenerationResult.MemoryUse(
            residentBefore,
            peakResident,
            card.isPresent() ? OptionalLong.of(peakDevice) : OptionalLong.empty()),
        request.keepsPatterns() ? patterns.stream().map(List::copyOf).toList() : List.of(),
        passes.report());
  }

  @Override
  public void close() {
    Closing.all(sequences);
  }

  /** Ends a pass between two layers when its thread is interrupted, and samples memory. */
  private final class Watch implements ForwardObserver {

    @Override
    public void onLayerEnd(int layer, Tensor hidden) {
      peakResident = Math.max(peakResident, Pointer.physicalBytes());
      // Looked at often, as another generation on the card may start the count anew.
      card.ifPresent(
          index -> peakDevice = Math.max(peakDevice, TorchRuntime.peakDeviceBytes(index)));
      if (passes.isInterrupted()) {
        throw new InterruptedGenerationException();
      }
    }
  }
}
