package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import org.bytedeco.pytorch.Tensor;

/**
 * What a layer computes on.
 *
 * @param positions positions of the fed tokens
 * @param hidden the residual stream of these tokens [tokens, hidden]
 */
public record LayerInput(Positions positions, Tensor hidden) {}
