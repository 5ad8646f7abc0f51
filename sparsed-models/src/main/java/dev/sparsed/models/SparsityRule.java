package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.attention.internal.calibration.CalibrationWork;
import dev.sparsed.attention.internal.calibration.MeasuredCosts;
import dev.sparsed.attention.internal.calibration.MeasuredCosts.Price;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.torch.Calibration;
import dev.sparsed.models.internal.torch.TorchCalibrationTensors;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.pattern.BlockShape;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Never slower than full attention: decides, once per generation, whether its sparse policy is
 * followed.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
final class SparsityRule {

  private final Transformer transformer;
  private final AttentionBackend<Tensor> backend;
  private final Supplier<Optional<MeasuredCosts>> costs;

  /**
   * Makes the rule of one generation.
   *
   * @param transformer the model
   * @param backend what computes its attention
   * @param costs gives what is known of the backend's speed, asked only where times are to be
   *     compared; nothing if they are not to be measured
   */
  SparsityRule(
      Transformer transformer,
      AttentionBackend<Tensor> backend,
      Supplier<Optional<MeasuredCosts>> costs) {
    this.transformer = transformer;
    this.backend = backend;
    this.costs = costs;
  }

  Sparsity.Decision decide(GenerationRequest request, DecodingPolicy decoding, BlockSteps blocks) {
    if (request.sparsity() == Sparsity.NEVER) {
      return Sparsity.Decision.of(false, "the request asks for full attention");
    }
    if (layers(request).stream().noneMatch(layer -> layer.isEverSparse(blocks.total()))) {
      return Sparsity.Decision.of(
          false, "the attention policy has no sparse step in " + blocks.total() + " steps");
    }
    if (request.sparsity() == Sparsity.ALWAYS) {
      return Sparsity.Decision.of(true, "the request asks to follow its policy");
    }
    return estimate(request, decoding, blocks);
  }

  private Sparsity.Decision estimate(
      GenerationRequest request, DecodingPolicy decoding, BlockSteps blocks) {
    OptionalInt causal = transformer.architecture().causalBlock();
    BreakEven.Estimate sum = BreakEven.Estimate.NONE;
    String assumed = "";
    Map<BlockShape, Price> prices = new LinkedHashMap<>();
    for (AttentionPolicy layer : layers(request)) {
      Price price = prices.computeIfAbsent(layer.blocks(), this::price);
      if (price.cost().isEmpty()) {
        return Sparsity.Decision.of(
            true,
            "backend "
                + backend.name()
                + " has no cost model to decide by, and is "
                + price.basis());
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
        BreakEven.Estimate ofCanvas =
            causal.isPresent()
                ? new PrefixCost(layer, price.cost().get(), shape(length), causal.getAsInt())
                    .estimate(steps(decoding, steps), steps.total())
                : CachedCost.estimate(
                    layer,
                    price.cost().get(),
                    shape(length),
                    steps,
                    request.cache(),
                    density.orElse(BreakEven.EVERY_BLOCK));
        sum = sum.plus(ofCanvas);
      }
    }
    if (sum.steps() == 0) {
      return Sparsity.Decision.of(false, nothingToChoose(request, decoding, causal));
    }
    if (causal.isPresent()) {
      assumed +=
          "; counted are the blocks' steps over the tokens before them, each block taken to need"
              + " as many as it may";
    }
    return decide(sum, prices.values(), assumed);
  }

  /** Why no step depends on the attention policy. */
  private static String nothingToChoose(
      GenerationRequest request, DecodingPolicy decoding, OptionalInt causal) {
    return causal.isPresent()
        ? String.format(
            Locale.ROOT,
            "%s decodes over several blocks of the model's %d tokens at once, and only steps within"
                + " one choose what they read",
            decoding,
            causal.getAsInt())
        : "the cache "
            + request.cache()
            + " is expected to feed a part of the sequence in every step, and such steps read what"
            + " it kept whatever the attention policy";
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

  private Sparsity.Decision decide(
      BreakEven.Estimate estimate, Collection<Price> prices, String assumed) {
    double times = estimate.sparseSeconds() / estimate.fullSeconds();
    if (!(times >= 0 && times <= Double.MAX_VALUE)) {
      return Sparsity.Decision.of(
          true,
          String.format(
              Locale.ROOT,
              "the cost model of backend %s gives times that cannot be compared (full attention %s"
                  + " s, sparse attention %s s), so that the policy is followed; %s",
              backend.name(),
              estimate.fullSeconds(),
              estimate.sparseSeconds(),
              bases(prices)));
    }
    return new Sparsity.Decision(
        estimate.paysOff(),
        String.format(
            Locale.ROOT,
            "on backend %s sparse attention is expected to take %.2f times the time of full"
                + " attention, building the patterns included%s; %s",
            backend.name(),
            times,
            assumed,
            bases(prices)),
        prices.stream().flatMap(price -> price.timings().stream()).toList());
  }

  private static String bases(Collection<Price> prices) {
    return prices.stream().map(Price::basis).distinct().collect(Collectors.joining("; "));
  }

  private Price price(BlockShape blocks) {
    try (PointerScope scope = new PointerScope()) {
      Tensor example = transformer.exampleQuery();
      Optional<MeasuredCosts> known = costs.get();
      if (known.isEmpty()) {
        return Price.unmeasured(
            backend.cost(example, blocks),
            "by the backend's cost model, as -D" + Calibration.PROPERTY + " is off");
      }
      Architecture model = transformer.architecture();
      CalibrationWork work =
          new CalibrationWork(
              backend.tensors().form(example).type(),
              model.heads(),
              model.kvHeads(),
              model.headDimension(),
              blocks);
      return known.get().price(backend, example, work, new TorchCalibrationTensors(example));
    }
  }

  private AttentionShape shape(int length) {
    Architecture model = transformer.architecture();
    return new AttentionShape(
        1, model.heads(), model.kvHeads(), length, length, model.headDimension());
  }
}
