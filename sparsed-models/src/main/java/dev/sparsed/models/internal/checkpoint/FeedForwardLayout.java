package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.internal.checkpoint.ModelLayout.Projection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tensors of what follows the attention in a layer. */
public sealed interface FeedForwardLayout {

  /**
   * The tensors in one list.
   *
   * @return every tensor that is there
   */
  Stream<TensorSpec> tensors();

  /**
   * One feed-forward part.
   *
   * @param gate projection that the activation is applied to
   * @param up projection that the activation is multiplied with
   * @param down projection back to the hidden width
   */
  record Gated(Projection gate, Projection up, Projection down) implements FeedForwardLayout {

    @Override
    public Stream<TensorSpec> tensors() {
      return Stream.of(gate, up, down).flatMap(Projection::tensors);
    }
  }

  /**
   * Several of them, and what chooses among them.
   *
   * @param router matrix [experts, hidden]
   * @param correction vector [experts] that is added for choosing, empty where there is none
   * @param experts the experts
   * @param shared what every token goes through besides, empty where there is none
   */
  record Mixture(
      TensorSpec router,
      Optional<TensorSpec> correction,
      List<Gated> experts,
      Optional<Gated> shared)
      implements FeedForwardLayout {

    @Override
    public Stream<TensorSpec> tensors() {
      return Stream.of(
              Stream.of(router),
              correction.stream(),
              experts.stream().flatMap(Gated::tensors),
              shared.stream().flatMap(Gated::tensors))
          .flatMap(tensors -> tensors);
    }
  }

  /**
   * The layout of a layer.
   *
   * @param family names the tensors
   * @param model gives their shapes
   * @param layer the layer, from 0
   * @return its tensors
   */
  static FeedForwardLayout of(ModelFamily family, Architecture model, int layer) {
    Optional<Experts> some = model.expertsOf(layer);
    if (some.isEmpty()) {
      return gated(model, model.feedForwardSize(), part -> family.moduleName(part, layer));
    }
    Experts experts = some.get();
    return new Mixture(
        TensorSpec.router(
            family.moduleName(ModelPart.ROUTER, layer) + ".weight",
            experts.count(),
            model.hiddenSize()),
        experts.correctionBias()
            ? Optional.of(
                TensorSpec.bias(
                    family.moduleName(ModelPart.ROUTER_CORRECTION, layer), experts.count()))
            : Optional.empty(),
        IntStream.range(0, experts.count())
            .mapToObj(
                expert ->
                    gated(
                        model,
                        experts.feedForwardSize(),
                        part -> family.expertName(part, layer, expert)))
            .toList(),
        experts.sharedSize() == 0
            ? Optional.empty()
            : Optional.of(
                gated(
                    model, experts.sharedSize(), part -> family.moduleName(shared(part), layer))));
  }

  private static Gated gated(Architecture model, long inner, Function<ModelPart, String> names) {
    long hidden = model.hiddenSize();
    return new Gated(
        projection(model, ModelPart.GATE, names, inner, hidden),
        projection(model, ModelPart.UP, names, inner, hidden),
        projection(model, ModelPart.DOWN, names, hidden, inner));
  }

  private static Projection projection(
      Architecture model,
      ModelPart part,
      Function<ModelPart, String> names,
      long outputs,
      long inputs) {
    return ModelLayout.projection(
        names.apply(part), model.biased().contains(part), outputs, inputs);
  }

  private static ModelPart shared(ModelPart part) {
    return switch (part) {
      case GATE -> ModelPart.SHARED_GATE;
      case UP -> ModelPart.SHARED_UP;
      default -> ModelPart.SHARED_DOWN;
    };
  }
}
