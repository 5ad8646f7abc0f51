package org.example.extensions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PulseColLikeTest {

  private static GenerationRequest.Builder request(double select, int refreshes) {
    return Models.request()
        .attention(PulseColLike.policy(select, refreshes))
        .sparsity(Sparsity.ALWAYS)
        .keepPatterns();
  }

  @Test
  void columnsAreChosenAtEarlyStepsAndEveryStepIsSparse() {
    List<AttentionPhase> phases = new ArrayList<>();
    try (DiffusionModel model = Models.load("tiny-llada-gqa")) {
      GenerationResult result =
          model.generate(
              request(0.3, 4).build(),
              progress -> {
                phases.add(progress.phase());
                return GenerationListener.Reaction.CONTINUE;
              });
      assertEquals(Models.GENERATED, phases.size());
      for (int step = 0; step < phases.size(); step++) {
        boolean refresh = List.of(0, 1, 3, 6).contains(step);
        assertEquals(
            refresh ? AttentionPhase.SPARSE_AND_SELECT : AttentionPhase.SPARSE, phases.get(step));
      }
      for (SparsePattern pattern : result.patterns().get(0)) {
        assertEquals(Models.LENGTH, pattern.grid().keyBlocks());
        assertTrue(pattern.density() < 0.35, "reads " + pattern.density());
      }
      // Every column is full attention.
      assertEquals(
          Models.generate(model, CachePolicy.none()).sequences(),
          model.generate(request(1, 4).build(), GenerationListener.NONE).sequences());
    }
  }
}
