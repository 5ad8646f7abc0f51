package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.pattern.BlockShape;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Never slower than full attention: decides, once per generation, whether its sparse policy is
 * followed.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
final class SparsityRule {

  /** What a selector that tells nothing is taken to read: it may be that much. */
  private static final double EVERY_BLOCK = 1;

  private final Transformer transformer;
  private final AttentionBackend<Tensor> backend;

  SparsityRule(Transformer transformer, AttentionBackend<Tensor> backend) {
    this.transformer = transformer;
    this.backend = backend;
  }

  SparsityDecision decide(GenerationRequest request, BlockSteps blocks) {
    if (request.sparsity() == Sparsity.NEVER) {
      return new SparsityDecision(false, "the request asks for full attention");
    }
    if (layers(request).stream().noneMatch(layer -> layer.isEverSparse(blocks.total()))) {
      return new SparsityDecision(
          false, "the attention policy has no sparse step in " + blocks.total() + " steps");
    }
    if (request.sparsity() == Sparsity.ALWAYS) {
      return new SparsityDecision(true, "the request asks to follow its policy");
    }
    if (transformer.architecture().causalBlock().isPresent()) {
      return new SparsityDecision(
          false,
          "the model attends block by block, for which no cost model tells whether it pays off");
    }
    return estimate(request, blocks);
  }

  private SparsityDecision estimate(GenerationRequest request, BlockSteps blocks) {
    double full = 0;
    double sparse = 0;
    String assumed = "";
    for (AttentionPolicy layer : layers(request)) {
      Optional<AttentionCost> cost = cost(layer.blocks());
      if (cost.isEmpty()) {
        return new SparsityDecision(
            true, "backend " + backend.name() + " has no cost model to decide by");
      }
      for (Canvas canvas : request.canvases()) {
        int length = canvas.length();
        OptionalDouble density = layer.expectedDensity(length, length - canvas.promptLength());
        if (density.isEmpty()) {
          assumed =
              "; assumed that every block is read, as "
                  + layer.selector()
                  + " does not tell its expected density";
        }
        BreakEven.Estimate estimate =
            CachedCost.estimate(
                layer,
                cost.get(),
                shape(length),
                blocks.over(canvas.open()),
                request.cache(),
                density.orElse(EVERY_BLOCK));
        full += estimate.fullSeconds();
        sparse += estimate.sparseSeconds();
      }
    }
    return decide(new BreakEven.Estimate(full, sparse), assumed);
  }

  /** The policies whose ratio decides: one where all layers have the same. */
  private List<AttentionPolicy> layers(GenerationRequest request) {
    AttentionPolicy policy = request.attention();
    return policy.isPerLayer()
        ? policy.ofLayers(transformer.architecture().layers())
        : List.of(policy);
  }

  private SparsityDecision decide(BreakEven.Estimate estimate, String assumed) {
    return new SparsityDecision(
        estimate.paysOff(),
        String.format(
            Locale.ROOT,
            "the cost model of backend %s expects sparse attention to take %.2f times the time of"
                + " full attention, building the patterns included%s",
            backend.name(),
            estimate.sparseSeconds() / estimate.fullSeconds(),
            assumed));
  }

  private Optional<AttentionCost> cost(BlockShape blocks) {
    try (PointerScope scope = new PointerScope()) {
      return backend.cost(transformer.exampleQuery(), blocks);
    }
  }

  private AttentionShape shape(int length) {
    Architecture model = transformer.architecture();
    return new AttentionShape(
        1, model.heads(), model.kvHeads(), length, length, model.headDimension());
  }
}
