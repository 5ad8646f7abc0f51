package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.pattern.BlockShape;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
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

  Sparsity.Decision decide(GenerationRequest request, DecodingPolicy decoding, BlockSteps blocks) {
    if (request.sparsity() == Sparsity.NEVER) {
      return new Sparsity.Decision(false, "the request asks for full attention");
    }
    if (layers(request).stream().noneMatch(layer -> layer.isEverSparse(blocks.total()))) {
      return new Sparsity.Decision(
          false, "the attention policy has no sparse step in " + blocks.total() + " steps");
    }
    if (request.sparsity() == Sparsity.ALWAYS) {
      return new Sparsity.Decision(true, "the request asks to follow its policy");
    }
    return estimate(request, decoding, blocks);
  }

  private Sparsity.Decision estimate(
      GenerationRequest request, DecodingPolicy decoding, BlockSteps blocks) {
    OptionalInt causal = transformer.architecture().causalBlock();
    double full = 0;
    double sparse = 0;
    String assumed = "";
    for (AttentionPolicy layer : layers(request)) {
      Optional<AttentionBackend.AttentionCost> cost = cost(layer.blocks());
      if (cost.isEmpty()) {
        return new Sparsity.Decision(
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
        BlockSteps steps = blocks.over(canvas.open());
        BreakEven.Estimate estimate =
            causal.isPresent()
                ? new PrefixCost(layer, cost.get(), shape(length), causal.getAsInt())
                    .estimate(steps(decoding, steps), steps.total())
                : CachedCost.estimate(
                    layer,
                    cost.get(),
                    shape(length),
                    steps,
                    request.cache(),
                    density.orElse(EVERY_BLOCK));
        full += estimate.fullSeconds();
        sparse += estimate.sparseSeconds();
      }
    }
    if (causal.isPresent()) {
      if (full == 0) {
        return new Sparsity.Decision(
            false,
            String.format(
                Locale.ROOT,
                "%s decodes over several blocks of the model's %d tokens at once, and only steps"
                    + " within one choose what they read",
                decoding,
                causal.getAsInt()));
      }
      assumed +=
          "; counted are the blocks' steps over the tokens before them, each block taken to need"
              + " as many as it may";
    }
    return decide(new BreakEven.Estimate(full, sparse), assumed);
  }

  private static List<DecodingStep> steps(DecodingPolicy decoding, BlockSteps blocks) {
    return decoding
        .sequenceBlocks()
        .map(own -> own.steps(blocks.generation()))
        .orElseGet(() -> IntStream.range(0, blocks.total()).mapToObj(blocks::step).toList());
  }

  /** The policies whose ratio decides: one where all layers have the same. */
  private List<AttentionPolicy> layers(GenerationRequest request) {
    AttentionPolicy policy = request.attention();
    return policy.isPerLayer()
        ? policy.ofLayers(transformer.architecture().layers())
        : List.of(policy);
  }

  private Sparsity.Decision decide(BreakEven.Estimate estimate, String assumed) {
    return new Sparsity.Decision(
        estimate.paysOff(),
        String.format(
            Locale.ROOT,
            "the cost model of backend %s expects sparse attention to take %.2f times the time of"
                + " full attention, building the patterns included%s",
            backend.name(),
            estimate.sparseSeconds() / estimate.fullSeconds(),
            assumed));
  }

  private Optional<AttentionBackend.AttentionCost> cost(BlockShape blocks) {
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
