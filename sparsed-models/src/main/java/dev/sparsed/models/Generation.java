package dev.sparsed.models;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.checkpoint.LladaConfig;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.transformer.ForwardObserver;
import dev.sparsed.models.transformer.Transformer;
import dev.sparsed.pattern.SparsePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;

/** The steps of one generation. Used once, by one thread. */
final class Generation implements AutoCloseable {

  private final Transformer transformer;
  private final GenerationRequest request;
  private final GenerationListener listener;
  private final SparsityDecision sparsity;
  private final AttentionPolicy policy;
  private final List<SequenceGeneration> sequences = new ArrayList<>();
  private final Map<AttentionPhase, PhaseUse> phases = new EnumMap<>(AttentionPhase.class);
  private final long residentBefore = Pointer.physicalBytes();
  private long peakResident = residentBefore;
  private int completedSteps;
  private boolean cancelled;

  Generation(
      Transformer transformer,
      AttentionBackend<Tensor> backend,
      DecodingPolicy decoding,
      GenerationRequest request,
      GenerationListener listener) {
    this.transformer = transformer;
    this.request = request;
    this.listener = listener;
    this.sparsity = new SparsityRule(transformer, backend).decide(request);
    this.policy = sparsity.sparse() ? withModelsScale(request.attention()) : AttentionPolicy.full();
    Map<ImmutableIntArray, Integer> occurrences = new HashMap<>();
    for (ImmutableIntArray prompt : request.prompts()) {
      // Equal prompts differ in their random numbers; a prompt alone gets the first one's.
      int occurrence = occurrences.merge(prompt, 1, Integer::sum) - 1;
      sequences.add(sequence(prompt, backend, decoding, occurrence));
    }
  }

  /** Only SparseD's LLaDA code has a scale of its own. */
  private AttentionPolicy withModelsScale(AttentionPolicy asked) {
    return asked.scoreScale() == ScoreScale.PUBLISHED && transformer.config() instanceof LladaConfig
        ? asked.withScoreScale(ScoreScale.HEAD_COUNT)
        : asked;
  }

  private SequenceGeneration sequence(
      ImmutableIntArray prompt,
      AttentionBackend<Tensor> backend,
      DecodingPolicy decoding,
      int occurrence) {
    MaskedSequence sequence =
        new MaskedSequence(
            prompt.toArray(), request.generationLength(), transformer.config().maskToken());
    Noise noise = new Noise(request.seed(), occurrence);
    return new SequenceGeneration(
        transformer,
        sequence,
        Decoder.of(decoding, sequence, request.steps(), noise),
        decoding.guidance(),
        new Watch(),
        () ->
            new SparseAttention<>(
                backend,
                policy,
                transformer.config().layers(),
                request.steps(),
                request.generationLength()));
  }

  GenerationResult run() {
    long start = System.nanoTime();
    try {
      while (completedSteps < request.steps() && !cancelled) {
        step(completedSteps);
      }
    } catch (InterruptedGenerationException e) {
      cancelled = true;
    }
    return result(Duration.ofNanos(System.nanoTime() - start));
  }

  private void step(int step) {
    long start = System.nanoTime();
    boolean ran = false;
    for (SequenceGeneration sequence : sequences) {
      ran |= sequence.step(step);
    }
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    AttentionPhase phase = policy.schedule().phase(step, request.steps());
    phases.merge(
        phase,
        new PhaseUse(1, ran ? 1 : 0, time),
        (a, b) ->
            new PhaseUse(
                a.steps() + b.steps(),
                a.forwardPasses() + b.forwardPasses(),
                a.time().plus(b.time())));
    completedSteps++;
    GenerationListener.Reaction reaction =
        listener.onStep(
            new GenerationProgress(
                step,
                request.steps(),
                phase,
                time,
                sequences.stream().map(SequenceGeneration::tokens).toList()));
    boolean last = completedSteps == request.steps();
    cancelled =
        !last
            && (reaction == GenerationListener.Reaction.STOP
                || Thread.currentThread().isInterrupted());
  }

  private GenerationResult result(Duration time) {
    List<List<SparsePattern>> patterns =
        sequences.stream().map(SequenceGeneration::patterns).toList();
    OptionalDouble density =
        patterns.stream().flatMap(List::stream).mapToDouble(SparsePattern::density).average();
    return new GenerationResult(
        sequences.stream()
            .map(sequence -> ImmutableIntArray.copyOf(sequence.tokens()))
            .collect(ImmutableList.toImmutableList()),
        ImmutableIntArray.copyOf(request.prompts().stream().mapToInt(ImmutableIntArray::length)),
        completedSteps,
        request.steps(),
        cancelled,
        sparsity,
        Map.copyOf(phases),
        time,
        density,
        new MemoryUse(residentBefore, peakResident),
        request.keepsPatterns()
            ? patterns.stream().map(ImmutableList::copyOf).collect(ImmutableList.toImmutableList())
            : ImmutableList.of());
  }

  @Override
  public void close() {
    sequences.forEach(SequenceGeneration::close);
  }

  /** Ends a pass between two layers when the thread is interrupted, and samples memory. */
  private final class Watch implements ForwardObserver {

    @Override
    public void onLayerEnd(int layer, Tensor hidden) {
      peakResident = Math.max(peakResident, Pointer.physicalBytes());
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedGenerationException();
      }
    }
  }

  private static final class InterruptedGenerationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InterruptedGenerationException() {
      super("interrupted", null, false, false);
    }
  }
}
