package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.LogitSource;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.transformer.ForwardObserver;
import dev.sparsed.models.transformer.SessionAttention;
import dev.sparsed.models.transformer.Transformer;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
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
  private final double guidance;
  private final ForwardObserver observer;
  private final SparseAttention<Tensor> session;

  /** With guidance, the sequence with a masked prompt attends with patterns of its own. */
  private final @Nullable SparseAttention<Tensor> unguidedSession;

  SequenceGeneration(
      Transformer transformer,
      MaskedSequence sequence,
      Decoder decoder,
      double guidance,
      ForwardObserver observer,
      Supplier<SparseAttention<Tensor>> sessions) {
    this.transformer = transformer;
    this.sequence = sequence;
    this.decoder = decoder;
    this.guidance = guidance;
    this.observer = observer;
    this.session = sessions.get();
    this.unguidedSession = guidance > 0 ? sessions.get() : null;
  }

  int[] tokens() {
    return sequence.tokens();
  }

  /**
   * Runs a step.
   *
   * @return whether the model ran: a step that neither commits a token nor builds a pattern changes
   *     nothing, so that it need not
   */
  boolean step(int step) {
    int[] positions = decoder.begin(step);
    AttentionPhase phase = session.beginStep(step);
    if (unguidedSession != null) {
      unguidedSession.beginStep(step);
    }
    if (positions.length == 0 && !phase.selects()) {
      return false;
    }
    try (PointerScope scope = new PointerScope()) {
      int[] rows = transformer.logitRows(positions);
      Tensor hidden = hidden(sequence.tokens(), rows, session);
      Tensor unguided =
          unguidedSession == null
              ? null
              : hidden(sequence.withMaskedPrompt(), rows, unguidedSession);
      if (positions.length > 0) {
        decoder.commit(step, new HeadLogits(hidden, unguided));
      }
    }
    return true;
  }

  private Tensor hidden(int[] tokens, int[] rows, SparseAttention<Tensor> attention) {
    return transformer.hiddenRows(tokens, 0, new SessionAttention(attention), rows, observer);
  }

  /** The patterns there are, of the sequence itself. */
  List<SparsePattern> patterns() {
    List<SparsePattern> patterns = new ArrayList<>();
    for (int layer = 0; layer < transformer.config().layers(); layer++) {
      session.pattern(layer).ifPresent(patterns::add);
    }
    return patterns;
  }

  @Override
  public void close() {
    session.close();
    if (unguidedSession != null) {
      unguidedSession.close();
    }
  }

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
      return logits.sub_(base).mul_(new Scalar(guidance + 1)).add_(base);
    }
  }
}
