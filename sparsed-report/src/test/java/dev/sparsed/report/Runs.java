package dev.sparsed.report;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;

/** Generations of the embedded model to report on. */
final class Runs {

  static final int LENGTH = 32;
  static final AttentionPolicy SPARSE = AttentionPolicy.sparseD(0.2, 0.3, 32);

  private Runs() {}

  static DiffusionModel model() {
    return DiffusionModel.load(DemoCheckpoint.folder());
  }

  /** What a generation gave, with its recording and its report. */
  record Run(GenerationResult result, Recording recording, Report report) {}

  static GenerationRequest.Builder request(DiffusionModel model, AttentionPolicy attention) {
    String text = "Anna lives in the north and keeps a lamp. ".repeat(40) + "Where does Anna live?";
    return model
        .ask(text)
        .generationLength(LENGTH)
        .steps(LENGTH)
        .attention(attention)
        .sparsity(Sparsity.ALWAYS)
        .keepPatterns();
  }

  static Run of(DiffusionModel model, GenerationRequest request) {
    Recording recording = new Recording();
    GenerationResult result = model.generate(request, recording);
    return new Run(result, recording, Report.of(model, recording, result));
  }
}
