package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Attention backends of one's own, which may promise more than they keep. */
class OwnBackendTest {

  private static final GenerationRequest REQUEST =
      GenerationRequest.builder()
          .prompt(TinyModels.prompt(1, 40))
          .generationLength(16)
          .steps(8)
          .decoding(TinyModels.GREEDY)
          .attention(TinyModels.SPARSE_D)
          .sparsity(Sparsity.ALWAYS)
          .build();

  /** LibTorch's attention with outputs that are changed. */
  private record Changed(AttentionBackend<Tensor> torch, UnaryOperator<Tensor> change)
      implements AttentionBackend<Tensor> {

    @Override
    public String name() {
      return "changed";
    }

    @Override
    public TensorReader<Tensor> tensors() {
      return torch.tensors();
    }

    @Override
    public Tensor dense(AttentionCall<Tensor> call) {
      return change.apply(torch.dense(call));
    }

    @Override
    public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
      return change.apply(torch.sparse(call, pattern));
    }

    @Override
    public void scores(
        AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
      torch.scores(call, request, consumer);
    }
  }

  private static GenerationResult generate(UnaryOperator<Tensor> change) {
    ModelOptions options =
        TinyModels.options().withAttention(new Changed(new TorchBackend(), change));
    try (DiffusionModel model = DiffusionModel.load(TinyModels.folder("tiny-dream"), options)) {
      return model.generate(REQUEST);
    }
  }

  @Test
  void itsOutputsAreUsed() {
    try (DiffusionModel model = TinyModels.load("tiny-dream")) {
      assertEquals(
          model.generate(REQUEST).sequences(), generate(UnaryOperator.identity()).sequences());
    }
  }

  @Test
  void outputsOfAnotherFormAreRefused() {
    Map<String, UnaryOperator<Tensor>> changes =
        Map.of(
            "f32 [1, 4, 55, 16];", output -> output.narrow(2, 0, output.size(2) - 1),
            "f32 [2, 4, 56, 16];", output -> torch.cat(new TensorVector(output, output), 0),
            "f32 [1, 4, 57, 16];",
                output -> torch.cat(new TensorVector(output, output.narrow(2, 0, 1)), 2),
            "but is Double;", output -> output.to(ScalarType.Double),
            "f32 [1, 56, 4, 16];", output -> output.transpose(1, 2),
            "but is [4, 56, 16];", output -> output.squeeze(0));
    changes.forEach(
        (what, change) -> {
          IllegalStateException e =
              assertThrows(IllegalStateException.class, () -> generate(change), what);
          String message = Objects.requireNonNull(e.getMessage());
          assertTrue(message.startsWith("backend changed gave layer 0 an output"), message);
          assertTrue(message.contains(what), message);
          assertTrue(message.contains("must be f32 [1, 4, 56, 16]"), message);
        });
  }
}
