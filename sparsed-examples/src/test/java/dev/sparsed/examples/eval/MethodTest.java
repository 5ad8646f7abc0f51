package dev.sparsed.examples.eval;

import static dev.sparsed.attention.AttentionPhase.FULL;
import static dev.sparsed.attention.AttentionPhase.FULL_AND_SELECT;
import static dev.sparsed.attention.AttentionPhase.SPARSE;
import static dev.sparsed.attention.AttentionPhase.SPARSE_AND_SELECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.examples.eval.Method.Attention;
import dev.sparsed.examples.eval.Method.Cache;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MethodTest {

  private static Method method(String name) {
    return Method.parse(name, MethodParameters.DEFAULT);
  }

  private static AttentionPolicy policy(String name) {
    return method(name).attentionPolicy(ScoreScale.HEAD_DIMENSION);
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
    assertEquals(Attention.SPARSED, method.attention());
    assertEquals(Cache.DUAL_CACHE, method.cache());
    assertTrue(method.parallel());
    assertEquals(0.8, method.parameters().threshold());
    assertEquals(16, method.parameters().blockLength());
    assertEquals(Attention.FULL, method("sparse-dllm").attention());
    assertEquals(
        10, Method.parseList(String.join(",", Method.PRESETS), MethodParameters.DEFAULT).size());
  }

  @Test
  void describesWhatDecidesTheOutput() {
    assertNotEquals(
        method("sparsed:skip=0.1").description(), method("sparsed:skip=0.2").description());
    assertEquals(method("sinks+window").description(), method("streaming-llm").description());
    assertEquals(
        "sparsed+no_reuse skip=0.2 select=0.3 block_size=128, sparse_dllm keep_ratio=0.5"
            + " kernel_size=3 delay=1, threshold=0.9, block_length=32",
        method("sparsed+no-reuse+sparse-dllm+threshold").description());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "fast", "sparsed+full", "dual-cache+prefix-cache", "threshold+threshold",
        "full+no-skip", "sparsed:skip", "sparsed:skip=x", "sparsed:skip=2", "sparsed:size=2",
        "sparsed:block_size=1.5", "sparse-dllm:kernel_size=4", "sparse-dllm:delay=6",
            "sparsed:skip=NaN"
      })
  void refusesWhatMakesNoSense(String name) {
    assertThrows(IllegalArgumentException.class, () -> method(name));
  }

  @Test
  void refusesAMethodTwice() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Method.parseList("full,full", MethodParameters.DEFAULT));
  }
}
