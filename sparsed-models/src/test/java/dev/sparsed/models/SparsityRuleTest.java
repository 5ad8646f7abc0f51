package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.family.FamilyGoldens;
import dev.sparsed.models.family.qwen.SdarDecoding;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Sparsity#AUTO} makes of a selector that is not this library's. */
final class SparsityRuleTest {

  /** The first block, of which it tells what it is told to. */
  private record FirstBlock(OptionalDouble told) implements BlockSelector {
    @Override
    public ScoreScope scope() {
      return ScoreScope.ALL_KEYS;
    }

    @Override
    public void selectRow(BlockScoreRow row, BitSet selected) {
      selected.set(0);
    }

    @Override
    public OptionalDouble expectedDensity(BlockGrid grid, int firstGenerationBlock) {
      return told;
    }
  }

  private static Sparsity.Decision decision(OptionalDouble told) {
    AttentionPolicy policy =
        new AttentionPolicy(SkipSchedule.ratio(0.2), new FirstBlock(told), 2, ScoreScale.PUBLISHED);
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(11, 60))
            .generationLength(32)
            .steps(8)
            .decoding(TinyModels.GREEDY)
            .attention(policy)
            .sparsity(Sparsity.AUTO)
            .build();
    try (DiffusionModel model = TinyModels.load("tiny-dream")) {
      return model.generate(request).sparsity();
    }
  }

  private static double times(Sparsity.Decision decision) {
    String words = decision.reason();
    int at = words.indexOf("to take ") + "to take ".length();
    return Double.parseDouble(words.substring(at, words.indexOf(" times")));
  }

  @Test
  void aSelectorThatTellsNothingIsTakenToReadEveryBlock() {
    Sparsity.Decision decision = decision(OptionalDouble.empty());
    assertFalse(decision.sparse(), decision.reason());
    assertTrue(decision.reason().contains("every block"), decision.reason());
    assertTrue(decision.reason().contains("FirstBlock"), decision.reason());
    assertTrue(decision.reason().contains("expected density"), decision.reason());
  }

  @Test
  void whatASelectorTellsIsWhatItIsJudgedBy() {
    Sparsity.Decision sparser = decision(OptionalDouble.of(0.001));
    assertFalse(sparser.reason().contains("assumed"), sparser.reason());
    assertTrue(times(sparser) < times(decision(OptionalDouble.of(0.9))), sparser.reason());
  }

  @Test
  void whatIsNoShareIsRefusedWithTheSelectorsName() {
    for (double none : new double[] {2, -0.1, Double.NaN}) {
      String message =
          assertThrows(IllegalStateException.class, () -> decision(OptionalDouble.of(none)))
              .toString();
      assertTrue(message.contains("FirstBlock") && message.contains("" + none), message);
    }
  }

  private static GenerationRequest inBlocks(DecodingPolicy decoding) {
    return GenerationRequest.builder()
        .prompt(IntStream.range(1, 65).toArray())
        .generationLength(8)
        .decoding(decoding)
        .attention(AttentionPolicy.sparseD(0, 0.3, 4))
        .sparsity(Sparsity.AUTO)
        .build();
  }

  private static Sparsity.Decision ofBlocks(DecodingPolicy decoding) {
    try (DiffusionModel model = FamilyGoldens.of("goldens-qwen").load("sdar")) {
      return model.generate(inBlocks(decoding)).sparsity();
    }
  }

  @Test
  void blocksAreJudgedByTheStepsThatReadTheirPrefix() {
    SdarDecoding inFourSteps = SdarDecoding.DEFAULT.withTemperature(0);
    Sparsity.Decision decision = ofBlocks(inFourSteps);
    assertTrue(decision.reason().contains("counted are the blocks' steps"), decision.reason());
    SdarDecoding inOne =
        new SdarDecoding(
            inFourSteps.remasking(), 0, 0, OptionalDouble.empty(), OptionalInt.empty(), 4, 1);
    assertTrue(times(ofBlocks(inOne)) > Math.max(1, times(decision)), decision.reason());
  }

  @Test
  void stepsThatDecodeOverSeveralBlocksHaveNothingToChoose() {
    Sparsity.Decision decision = ofBlocks(SdarDecoding.DEFAULT.withBlockLength(8));
    assertFalse(decision.sparse());
    assertTrue(decision.reason().contains("several blocks of the model's 4"), decision.reason());
  }

  /** Feeds whole sequences, but expects to feed what is masked and to read what it did not drop. */
  private record Dropping() implements CachePolicy {
    @Override
    public CachePlanner planner(CachedSequence sequence) {
      return step -> CachePlan.feedAll().keepingNothing();
    }

    @Override
    public boolean evicts() {
      return true;
    }

    @Override
    public int expectedFeed(DecodingStep step, int length) {
      return step.end() - step.start();
    }
  }

  /** The same, but expects its first step to feed the whole sequence. */
  private record FillingOnce() implements CachePolicy {
    @Override
    public CachePlanner planner(CachedSequence sequence) {
      return new Dropping().planner(sequence);
    }

    @Override
    public boolean evicts() {
      return true;
    }

    @Override
    public int expectedFeed(DecodingStep step, int length) {
      return step.number() == 0 ? length : new Dropping().expectedFeed(step, length);
    }
  }

  private static GenerationRequest.Builder sparse() {
    return GenerationRequest.builder()
        .prompt(TinyModels.prompt(11, 60))
        .generationLength(32)
        .steps(8)
        .decoding(TinyModels.GREEDY)
        .attention(TinyModels.SPARSE_D)
        .sparsity(Sparsity.AUTO);
  }

  @Test
  void aCacheThatNeverFeedsWholeSequencesHasNoStepToChooseIn() {
    try (DiffusionModel model = TinyModels.load("tiny-dream")) {
      Sparsity.Decision decision =
          model.generate(sparse().cache(new Dropping()).build()).sparsity();
      assertFalse(decision.sparse(), decision.reason());
      assertTrue(decision.reason().contains("Dropping[] is expected to feed"), decision.reason());
    }
  }

  /** LibTorch's attention, all of whose calls take the same time by its own account. */
  private record Timed(AttentionBackend<Tensor> torch, double seconds)
      implements AttentionBackend<Tensor>, AttentionBackend.AttentionCost {

    @Override
    public String name() {
      return "timed";
    }

    @Override
    public TensorReader<Tensor> tensors() {
      return torch.tensors();
    }

    @Override
    public Tensor dense(AttentionCall<Tensor> call) {
      return torch.dense(call);
    }

    @Override
    public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
      return torch.sparse(call, pattern);
    }

    @Override
    public void scores(
        AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
      torch.scores(call, request, consumer);
    }

    @Override
    public Map<String, String> platform(Tensor query, BlockShape blocks) {
      return Map.of();
    }

    @Override
    public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
      return Optional.of(this);
    }

    @Override
    public double denseSeconds(AttentionShape shape) {
      return seconds;
    }

    @Override
    public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
      return seconds;
    }

    @Override
    public double selectSeconds(AttentionShape shape, BlockShape blocks) {
      return 0;
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, Double.NaN, Double.POSITIVE_INFINITY})
  void timesThatCannotBeComparedAreNoCostModel(double seconds) {
    ModelOptions options =
        TinyModels.options().withAttention(new Timed(new TorchBackend(), seconds));
    try (DiffusionModel model = DiffusionModel.load(TinyModels.folder("tiny-dream"), options)) {
      Sparsity.Decision decision = model.generate(sparse().build()).sparsity();
      assertTrue(decision.sparse(), decision.reason());
      assertTrue(decision.reason().contains("timed gives times that cannot"), decision.reason());
      assertFalse(decision.reason().contains("times the time"), decision.reason());
    }
  }

  @Test
  void aStepThatTakesNoTimeIsAStepAllTheSame() {
    ModelOptions options = TinyModels.options().withAttention(new Timed(new TorchBackend(), 0));
    try (DiffusionModel model = DiffusionModel.load(TinyModels.folder("tiny-dream"), options)) {
      Sparsity.Decision decision =
          model.generate(sparse().cache(new FillingOnce()).build()).sparsity();
      assertTrue(decision.sparse(), decision.reason());
      assertTrue(decision.reason().contains("cannot be compared"), decision.reason());
    }
    Path folder = FamilyGoldens.of("goldens-qwen").folder().resolve("sdar");
    try (DiffusionModel model = DiffusionModel.load(folder, options)) {
      Sparsity.Decision decision =
          model.generate(inBlocks(SdarDecoding.DEFAULT.withTemperature(0))).sparsity();
      assertTrue(decision.sparse(), decision.reason());
      assertTrue(decision.reason().contains("cannot be compared"), decision.reason());
    }
  }
}
