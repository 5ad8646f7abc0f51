package dev.sparsed.models;

import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.internal.transformer.Fed;
import dev.sparsed.models.internal.transformer.Transformer;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Logits of the rows that a step reads, with guidance applied.
 *
 * @param transformer applies the head
 * @param fed what the model gave for the sequence
 * @param unguided what it gave for the sequence with a masked prompt, with guidance
 * @param guidance its weight
 */
record HeadLogits(Transformer transformer, Fed fed, Optional<Fed> unguided, double guidance)
    implements Predictions.LogitSource {

  @Override
  public int rows() {
    return (int) fed.hidden().size(0);
  }

  @Override
  public int vocabulary() {
    return transformer.architecture().embeddingRows();
  }

  @Override
  public Tensor logits(int from, int to) {
    Tensor logits = fed.logits(transformer, from, to);
    if (unguided.isEmpty()) {
      return logits;
    }
    Tensor base = unguided.get().logits(transformer, from, to);
    return logits.sub_(base).mul_(new Scalar(guidance + 1)).add_(base);
  }
}
