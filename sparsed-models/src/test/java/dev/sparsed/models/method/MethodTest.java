package dev.sparsed.models.method;

import static dev.sparsed.attention.AttentionPhase.FULL;
import static dev.sparsed.attention.AttentionPhase.FULL_AND_SELECT;
import static dev.sparsed.attention.AttentionPhase.SPARSE;
import static dev.sparsed.attention.AttentionPhase.SPARSE_AND_SELECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MethodTest {

  private static Method method(String name) {
    return Method.parse(name);
  }

  /** As a model that decodes all positions at once where it may. */
  private static String description(String name) {
    Method method = method(name);
    return method.description(
        method.needsBlocks()
            ? OptionalInt.of(method.decoding().blockLength().orElse(32))
            : OptionalInt.empty());
  }

  private static String refusal(String name) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> method(name)).getMessage());
  }

  private static AttentionPolicy policy(String name) {
    return method(name).attention().policy();
  }

  private static ImmutableList<AttentionPhase> phases(String name, int steps) {
    ImmutableList.Builder<AttentionPhase> phases = ImmutableList.builder();
    for (int step = 0; step < steps; step++) {
      phases.add(policy(name).schedule().phase(step, steps));
    }
    return phases.build();
  }

  @Test
  void sparsedFollowsThePublishedSchedule() {
    assertEquals(
        ImmutableList.of(FULL, FULL, FULL, FULL_AND_SELECT, SPARSE, SPARSE),
        phases("sparsed:skip=0.4", 6));
    assertEquals(new IsolatedTopK(0.3), policy("sparsed").selector());
    assertEquals(128, policy("sparsed").blockSize());
  }

  @Test
  void withoutSkippingEveryStepIsSparse() {
    assertEquals(
        ImmutableList.of(SPARSE_AND_SELECT, SPARSE, SPARSE, SPARSE), phases("sparsed+no-skip", 4));
  }

  @Test
  void withoutReuseEverySparseStepSelects() {
    assertEquals(
        ImmutableList.of(FULL, FULL, FULL, FULL, SPARSE_AND_SELECT, SPARSE_AND_SELECT),
        phases("sparsed+no-reuse:skip=0.4", 6));
    assertEquals(
        ImmutableList.of(SPARSE_AND_SELECT, SPARSE_AND_SELECT),
        phases("sparsed+no-reuse+no-skip", 2));
  }

  @Test
  void withoutIsolationAllBlocksCompete() {
    assertEquals(new TopK(0.5), policy("sparsed+no-isolation:select=0.5").selector());
    assertEquals(phases("sparsed", 10), phases("sparsed+no-isolation", 10));
  }

  @Test
  void fixedPatternsNeedNoScores() {
    assertEquals(
        new SlidingWindow(2, 0), policy("sliding-window:window=2:block_size=64").selector());
    assertEquals(new SlidingWindow(4, 3), policy("sinks+window:sinks=3").selector());
    assertEquals(policy("sinks-window").selector(), policy("streaming-llm").selector());
    assertEquals(ImmutableList.of(SPARSE, SPARSE), phases("sinks-window", 2));
  }

  @Test
  void partsCompose() {
    Method method = method("SparseD+dual_cache+threshold:threshold=0.8:block_length=16");
    assertEquals(
        new Method(
            MethodAttention.SparseD.PUBLISHED,
            new DualCache(0),
            new MethodDecoding(OptionalInt.of(16), OptionalDouble.of(0.8))),
        method);
    assertEquals(Method.FULL.attention(), method("sparse-dllm").attention());
    assertEquals(Method.FULL, method("full"));
    assertEquals(Method.SPARSED, method("sparsed"));
    String presets = String.join(",", Method.presets());
    assertEquals(
        Method.presets(), List.copyOf(Method.parseList(presets, MethodSettings.NONE).keySet()));
  }

  @Test
  void settingsMayFollowThePartThatTheyAreOf() {
    assertEquals(method("sparsed+dual-cache:select=0.4"), method("sparsed:select=0.4+dual-cache"));
    assertEquals(
        method("sparsed+sparse-dllm+threshold:block_length=8:threshold=0.5:keep_prefix:skip=0"),
        method(
            " Threshold:threshold=.5 + SPARSE_DLLM:keep-prefix + sparsed : skip = 0"
                + ":block-length=8"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sparsed:select=+0.4",
        "sparsed:select=4e-1",
        "sparsed:select=.04e+1",
        "sparsed:select=0.9:select=0.4",
        "sparsed:block_size=1.28e2:select=0.4f"
      })
  void numbersMayBeWrittenAsJavaWritesThem(String name) {
    assertEquals(method("sparsed:select=0.4"), method(name));
  }

  @Test
  void describesWhatDecidesTheOutput() {
    assertNotEquals(description("sparsed:skip=0.1"), description("sparsed:skip=0.2"));
    assertEquals(description("sinks+window"), description("streaming-llm"));
    assertEquals(
        "sparsed+no_reuse skip=0.2 select=0.3 block_size=128, sparse_dllm keep_ratio=0.5"
            + " kernel_size=3 delay=1, threshold=0.9, block_length=32",
        description("sparsed+no-reuse+sparse-dllm+threshold"));
    assertEquals(
        "full, threshold=0.95, editing_threshold=0.5, post_steps=16",
        description("editing:editing_threshold=0.5"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fast",
        "sparsed+full",
        "dual-cache+prefix-cache",
        "threshold+threshold",
        "threshold+editing",
        "editing:editing_threshold=1.1",
        "editing:post_steps=-1",
        "threshold:editing_threshold=0.5",
        "threshold:post_steps=3",
        "full+no-skip",
        "sparsed:skip",
        "full:select=0.5",
        "sparsed+no-skip:skip=0.1",
        "sliding-window:sinks=2",
        "full:block_size=64",
        "dual-cache:keep_ratio=0.3",
        "full:delay=1",
        "full:threshold=0.5",
        "sparsed:keep_prefix",
        "sparse-dllm:keep_sinks=-1",
        "sparse-dllm:keep_prefix=perhaps",
        "sparsed:score_scale=3",
        "sinks-window:score_scale=published",
        "sparsed:skip=x",
        "sparsed:skip=2",
        "sparsed:size=2",
        "sparsed:block_size=1.5",
        "sparse-dllm:kernel_size=4",
        "sparse-dllm:delay=6",
        "sparsed:skip=NaN",
        "sparsed+",
        "+sparsed",
        "sparsed++dual-cache",
        "sparsed:",
        "sparsed:select=0.3+0.4",
        "dual-cache:select=0.3+sinks-window",
        "sparsed+no-skip+no-skip",
        "full:block_length=0",
        "full:block_length=3e9",
        "threshold:threshold=1.1"
      })
  void refusesWhatMakesNoSense(String name) {
    assertThrows(IllegalArgumentException.class, () -> method(name));
  }

  @Test
  void saysWhoseASettingIsThatItRefuses() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> method("dual-cache:keep_ratio=0.3"));
    assertEquals(
        "method 'dual-cache:keep_ratio=0.3' gives keep_ratio, which has no meaning for it; that is"
            + " a setting of sparse-dllm",
        e.getMessage());
  }

  @Test
  void namesAllPartsAndSettingsThatThereAre() {
    String parts = refusal("fast");
    for (String part :
        List.of(
            "full",
            "sparsed",
            "sliding-window",
            "sinks-window",
            "sparse-dllm",
            "prefix-cache",
            "dual-cache",
            "threshold",
            "editing",
            "no-skip",
            "no-reuse",
            "no-isolation")) {
      assertTrue(parts.contains(part), parts);
    }
    String settings = refusal("sparsed:size=2");
    for (MethodSetting<?> setting : MethodSetting.all()) {
      assertTrue(settings.contains(setting.label()), settings);
    }
    assertTrue(settings.startsWith("method 'sparsed:size=2': 'size' is not a setting"), settings);
  }

  @Test
  void everyCacheHasItsDelay() {
    assertEquals(new DualCache(3), method("dual-cache:delay=3").cache());
    assertEquals(new DualCache(0), method("dual-cache").cache());
    assertEquals(
        new PrefixCache(2),
        Method.parse("prefix-cache", MethodSettings.NONE.with(MethodSetting.DELAY, 2)).cache());
    assertEquals(
        new PrefixCache(1),
        Method.parse("prefix-cache:delay=1", MethodSettings.NONE.with("delay=2")).cache());
    assertEquals(SparseDllm.PUBLISHED, method("sparse-dllm").cache());
    assertNotEquals(description("dual-cache:delay=3"), description("dual-cache"));
  }

  @Test
  void sparseDllmKeepsPrefixAndSinks() {
    assertEquals(
        SparseDllm.PUBLISHED.withEvicted(SparseDllm.Evicted.SUFFIX).withSinks(4).withDelay(0),
        method("sparse-dllm:keep_prefix:keep_sinks=4:delay=0").cache());
    assertEquals(
        "full, sparse_dllm keep_ratio=0.5 kernel_size=3 delay=1 keep_prefix keep_sinks=4,"
            + " block_length=32",
        description("sparse-dllm:keep_prefix=true:keep-sinks=4"));
    assertEquals(
        description("sparse-dllm"), description("sparse-dllm:keep_prefix=false:keep_sinks=0"));
  }

  @Test
  void blocksAreSelectedByTheScaleOfOnesChoice() {
    assertEquals(ScoreScale.PUBLISHED, policy("sparsed").scoreScale());
    assertEquals(ScoreScale.HEAD_COUNT, policy("sparsed:score_scale=head_count").scoreScale());
    assertEquals(
        ScoreScale.HEAD_DIMENSION,
        policy("sparsed+no-reuse:score-scale=head-dimension").scoreScale());
    assertNotEquals(description("sparsed:score_scale=head_count"), description("sparsed"));
  }

  @Test
  void dreamDecodesInBlocksWhereALengthIsGiven() {
    assertFalse(method("sparsed").needsBlocks());
    assertTrue(method("sparsed:block_length=16").needsBlocks());
    assertTrue(Method.parse("full", MethodSettings.NONE.with("block_length=32")).needsBlocks());
    assertEquals("full, block_length=32", description("full:block_length=32"));
    assertEquals("full", description("full"));
    assertEquals("full, block_length=32", method("full").description(OptionalInt.of(32)));
    assertEquals(description("dual-cache:block_length=32"), description("dual-cache"));
  }

  @Test
  void refusesAMethodTwice() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Method.parseList("full,Full", MethodSettings.NONE));
    assertEquals("method 'Full' is given twice", e.getMessage());
  }
}
