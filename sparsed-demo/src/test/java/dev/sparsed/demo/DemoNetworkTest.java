package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.demo.DemoBatch.Row;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DemoNetworkTest {

  private static final DemoShape SHAPE = new DemoShape(2, 32, 2, 32, 1e6);
  private static final DemoRecipe RECIPE = DemoRecipe.published();

  @BeforeAll
  static void loads() {
    TorchRuntime.require();
  }

  @Test
  @SuppressWarnings("try") // A PointerScope works by being open.
  void aTextsLogitsDoNotDependOnWhatIsComputedBesideIt() {
    TextSource texts = new TextSource(RECIPE);
    DemoBatch batch = texts.batch(RECIPE.stages().get(0), 1).parts(1024).get(0);
    try (PointerScope scope = new PointerScope()) {
      DemoNetwork network = network(texts);
      float[] together = logits(network, batch);
      List<Float> alone = new ArrayList<>();
      for (DemoBatch part : batch.parts(1)) {
        assertEquals(1, part.rows());
        for (float logit : logits(network, part)) {
          alone.add(logit);
        }
      }
      assertEquals(together.length, alone.size());
      for (int i = 0; i < together.length; i++) {
        assertEquals(together[i], alone.get(i), 1e-4f);
      }
    }
  }

  @Test
  @SuppressWarnings("try")
  void gradientsAreThoseOfTheLoss() throws InterruptedException {
    TextSource texts = new TextSource(RECIPE);
    List<Row> rows = texts.questions(ExamTask.MULTI_KEY, 256, 3);
    DemoBatch batch = DemoBatch.blank(rows, texts.encoding());
    try (PointerScope scope = new PointerScope();
        TrainingThreads threads = new TrainingThreads(2)) {
      DemoNetwork network = network(texts);
      DemoGradients gradients = new DemoGradients(network);
      gradients.compute(batch, threads);
      for (Map.Entry<String, Tensor> entry : network.parameters().entrySet()) {
        Tensor parameter = entry.getValue().detach();
        Tensor gradient = entry.getValue().grad();
        // Along the gradient the loss changes by its length.
        Tensor way = gradient.div(gradient.norm());
        double expected = gradient.norm().item_float();
        double width = 1e-2;
        parameter.add_(way, new Scalar(width));
        double above = loss(network, batch);
        parameter.sub_(way, new Scalar(2 * width));
        double below = loss(network, batch);
        parameter.add_(way, new Scalar(width));
        assertEquals(
            expected, (above - below) / (2 * width), 0.02 * expected + 2e-4, entry::getKey);
      }
    }
  }

  @Test
  void partsHoldWhatTheWholeHolds() {
    TextSource texts = new TextSource(RECIPE);
    DemoBatch whole = texts.batch(RECIPE.stages().get(0), 2);
    List<Long> targets = new ArrayList<>();
    double weight = 0;
    for (DemoBatch part : whole.parts(2048)) {
      weight += part.weight();
      int mask = texts.encoding().specialToken(DemoTokenizer.MASK);
      long masked = Arrays.stream(part.tokens()).filter(id -> id == mask).count();
      assertEquals(part.places().length, masked);
      for (int i = 0; i < part.places().length; i++) {
        assertEquals(mask, part.tokens()[(int) part.places()[i]]);
        targets.add(part.targets()[i]);
      }
    }
    assertEquals(whole.weight(), weight, 1e-6 * weight);
    assertArrayEquals(whole.targets(), targets.stream().mapToLong(Long::longValue).toArray());
  }

  private static DemoNetwork network(TextSource texts) {
    return new DemoNetwork(SHAPE, DemoStart.parameters(SHAPE, texts.encoding(), 5));
  }

  private static float[] logits(DemoNetwork network, DemoBatch batch) {
    Tensor logits =
        network.logits(batch.tokens(), batch.positions(), batch.rows(), batch.places()).detach();
    float[] values = new float[(int) logits.numel()];
    logits.contiguous().data_ptr_float().get(values);
    return values;
  }

  private static double loss(DemoNetwork network, DemoBatch batch) {
    float[] logits = logits(network, batch);
    int vocabulary = logits.length / batch.places().length;
    double sum = 0;
    for (int i = 0; i < batch.places().length; i++) {
      double exponentials = 0;
      for (int j = 0; j < vocabulary; j++) {
        exponentials += Math.exp(logits[i * vocabulary + j]);
      }
      double chosen = logits[i * vocabulary + (int) batch.targets()[i]];
      sum += batch.weights()[i] * (Math.log(exponentials) - chosen);
    }
    return sum / batch.weight();
  }
}
